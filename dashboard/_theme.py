"""Colours of both themes, the few styles that Streamlit has no setting for, and the watcher that follows the system.

Colour stands for the information sphere, four of them; platforms get rows and labels. The palette was chosen so that
any two spheres stay apart in normal sight and in the three forms of colour blindness (smallest OKLab distance 13).
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

_SERIF = "'Source Serif','Noto Serif SC','Songti SC','Noto Serif CJK SC',serif"
_FACES = "'Noto Sans SC','PingFang SC','Microsoft YaHei','Noto Sans CJK SC','Noto Naskh Arabic',sans-serif"


@dataclass(frozen=True)
class Ink:
    """What a picture is drawn with."""

    dark: bool
    page: str
    text: str
    muted: str
    faint: str
    track: str
    hatch: str
    spheres: tuple[tuple[str, str], ...]
    states: tuple[tuple[str, str], ...]
    scale: tuple[str, ...]

    def sphere(self, name: str) -> str:
        return dict(self.spheres)[name]

    def state(self, name: str) -> str:
        return dict(self.states)[name]


LIGHT = Ink(
    dark=False, page="#fbfaf7", text="#1d242c", muted="#5a646e", faint="#e3ded3", track="#e9e4d9", hatch="#ece7dc",
    spheres=(("cn", "#c65a22"), ("ru", "#5b1a66"), ("open", "#3b6cb0"), ("news", "#8490a3")),
    states=(("watched", "#7fb0a8"), ("partly", "#b9d3cd"), ("refused", "#b8430f"), ("broken", "#dfab45"), ("not_asked", "#b9aed0")),
    scale=("#d6e4ee", "#b7d2e4", "#8fbbd7", "#649fc7", "#4083b5", "#2a689e", "#1d4f82", "#143a64", "#0d2745"),
)  # fmt: skip
DARK = Ink(
    dark=True, page="#11161c", text="#e6e9ec", muted="#aab5bf", faint="#2c3641", track="#252f39", hatch="#1f2831",
    spheres=(("cn", "#f6994f"), ("ru", "#b84d8a"), ("open", "#4fb0f5"), ("news", "#d9dfe5")),
    states=(("watched", "#3f8a84"), ("partly", "#2c5a58"), ("refused", "#f2703a"), ("broken", "#f4d58a"), ("not_asked", "#6f6391")),
    scale=("#1c3042", "#1f4059", "#235373", "#2b698f", "#3b82ab", "#579cc3", "#7fb8d8", "#aed4e8", "#ddeef7"),
)  # fmt: skip

_STYLE = f"""<style>
[data-testid="stMetricValue"],[data-testid="stDataFrame"],.facts{{font-variant-numeric:tabular-nums}}
[data-testid="stMetricLabel"] p{{font-size:.86rem}}
.lede{{font-family:{_SERIF};font-size:1.2rem;line-height:1.5;max-width:64rem;margin:.1rem 0 .3rem}}
.lede b{{font-weight:650}}
.basis{{font-size:.88rem;opacity:.78;max-width:64rem;margin:0}}
.names{{font-size:1.02rem;opacity:.8;font-family:'Source Sans',{_FACES}}}
.names span{{margin-right:1.1rem;display:inline-block}}
h2.title{{font-family:{_SERIF}!important;font-size:1.9rem!important;font-weight:600!important;margin:.1rem 0 0!important;padding:0!important;overflow-wrap:anywhere}}
h3.head{{font-family:{_SERIF}!important;font-size:1.2rem!important;font-weight:600!important;margin:0!important;padding:.4rem 0 .05rem!important}}
.sub{{font-size:.88rem;opacity:.78;margin:0;max-width:60rem}}
.key{{display:flex;gap:.35rem 1.1rem;font-size:.84rem;flex-wrap:wrap;padding:.15rem 0}}
.key i{{box-shadow:inset 0 0 0 1px rgb(128 128 128 / .35);display:inline-block;width:11px;height:11px;border-radius:2px;margin-right:.4rem;vertical-align:-1px}}
.news{{margin:.2rem 0;padding-left:1.1rem;line-height:1.6;max-width:62rem}} .news li{{margin:.1rem 0}}
.quiet{{border:1px dashed;border-radius:6px;opacity:.75;padding:1.6rem 1.2rem;text-align:center;font-size:.92rem}}
[class*="st-key-wide_"]{{overflow-x:auto}}
.st-key-filterbar [data-testid="stButtonGroup"] button{{min-height:2.5rem}}
.stMain bdi,.lede,.names{{overflow-wrap:anywhere}}
</style>"""

_WATCH = """
export default function({ setStateValue, data }) {
  const app = document.querySelector('[data-testid="stApp"]');
  const kind = () => {
    const [r, g, b] = getComputedStyle(app).backgroundColor.match(/[0-9.]+/g).map(Number);
    return r * .299 + g * .587 + b * .114 < 128 ? 'dark' : 'light';
  };
  let last = data.theme;
  const check = () => { const now = kind(); if (now !== last) { last = now; setStateValue('theme', now); } };
  const timer = setInterval(check, 400);
  check();
  return () => clearInterval(timer);
}"""
_watch = st.components.v2.component("spillover_theme", js=_WATCH)  # by module: the name is registered for the process


def ink() -> Ink:
    """Return the inks of the theme that is shown; asks for a rerun when the system or the menu switches it.

    ``st.context.theme`` alone is read on a run only, so pictures would keep the old colours until the next click.
    """
    now = st.session_state.get("_theme") or st.context.theme.type or "light"
    seen = _watch(key="theme_watch", data={"theme": now}, on_theme_change=lambda: None, height=1)
    if seen.theme:
        st.session_state["_theme"] = seen.theme
    return DARK if st.session_state.get("_theme", now) == "dark" else LIGHT


def style() -> None:
    """Add our styles to the page."""
    st.html(_STYLE)
