"""The dashboard: page settings, campaign picker and navigation."""

from __future__ import annotations

import streamlit as st

from dashboard import _bar, _data, _parts, _theme

st.set_page_config(
    page_title="Spillover", page_icon="🌊", layout="wide"
)  # an icon by name would be fetched from outside
st.set_option("client.showErrorDetails", "none")
_theme.style()

OVERVIEW = "dashboard/overview.py"
PAGES = {
    "Spread": [
        st.Page(OVERVIEW, title="Overview", icon=":material/dashboard:", url_path="overview"),
        st.Page("dashboard/timeline.py", title="Timeline", icon=":material/ssid_chart:", url_path="timeline"),
        # the bare address shows the overview too; Streamlit gives its default page no other address
        st.Page(OVERVIEW, title="Overview", url_path="start", default=True, visibility="hidden"),
    ],
    "System": [
        st.Page("dashboard/collectors.py", title="Collectors", icon=":material/monitor_heart:", url_path="collectors"),
    ],
}

try:
    version = _data.version()
except LookupError as error:  # run by hand, without an owner
    st.info(str(error))
    st.stop()
page = st.navigation(PAGES)
st.session_state["ink"] = _theme.ink()
if _data.campaigns(version):
    st.session_state["view"] = _bar.filter_bar(version, page.url_path)
    page.run()
    st.session_state["url"].publish()
else:
    _parts.welcome()
