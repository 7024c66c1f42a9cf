"""Names that people read for the codes that the store keeps: regions and platforms."""

from __future__ import annotations

_TABLE = """\
AD Andorra
AE United Arab Emirates
AF Afghanistan
AG Antigua & Barbuda
AI Anguilla
AL Albania
AM Armenia
AO Angola
AQ Antarctica
AR Argentina
AS American Samoa
AT Austria
AU Australia
AW Aruba
AX Åland Islands
AZ Azerbaijan
BA Bosnia & Herz.
BB Barbados
BD Bangladesh
BE Belgium
BF Burkina Faso
BG Bulgaria
BH Bahrain
BI Burundi
BJ Benin
BL St Barthelemy
BM Bermuda
BN Brunei
BO Bolivia
BQ Caribbean NL
BR Brazil
BS Bahamas
BT Bhutan
BV Bouvet Island
BW Botswana
BY Belarus
BZ Belize
CA Canada
CC Cocos
CD DR Congo
CF Central African Rep.
CG Congo
CH Switzerland
CI Côte d'Ivoire
CK Cook Islands
CL Chile
CM Cameroon
CN China (mainland)
CO Colombia
CR Costa Rica
CU Cuba
CV Cape Verde
CW Curaçao
CX Christmas Island
CY Cyprus
CZ Czech Republic
DE Germany
DJ Djibouti
DK Denmark
DM Dominica
DO Dominican Rep.
DZ Algeria
EC Ecuador
EE Estonia
EG Egypt
EH Western Sahara
ER Eritrea
ES Spain
ET Ethiopia
FI Finland
FJ Fiji
FK Falkland Islands
FM Micronesia
FO Faroe Islands
FR France
GA Gabon
GB United Kingdom
GD Grenada
GE Georgia
GF French Guiana
GG Guernsey
GH Ghana
GI Gibraltar
GL Greenland
GM Gambia
GN Guinea
GP Guadeloupe
GQ Equatorial Guinea
GR Greece
GS South Georgia & the South Sandwich Islands
GT Guatemala
GU Guam
GW Guinea-Bissau
GY Guyana
HK Hong Kong
HM Heard Island & McDonald Islands
HN Honduras
HR Croatia
HT Haiti
HU Hungary
ID Indonesia
IE Ireland
IL Israel
IM Isle of Man
IN India
IO British Indian Ocean Territory
IQ Iraq
IR Iran
IS Iceland
IT Italy
JE Jersey
JM Jamaica
JO Jordan
JP Japan
KE Kenya
KG Kyrgyzstan
KH Cambodia
KI Kiribati
KM Comoros
KN St Kitts & Nevis
KP North Korea
KR South Korea
KW Kuwait
KY Cayman Islands
KZ Kazakhstan
LA Laos
LB Lebanon
LC St Lucia
LI Liechtenstein
LK Sri Lanka
LR Liberia
LS Lesotho
LT Lithuania
LU Luxembourg
LV Latvia
LY Libya
MA Morocco
MC Monaco
MD Moldova
ME Montenegro
MF St Martin
MG Madagascar
MH Marshall Islands
MK North Macedonia
ML Mali
MM Myanmar
MN Mongolia
MO Macao
MP Northern Mariana Islands
MQ Martinique
MR Mauritania
MS Montserrat
MT Malta
MU Mauritius
MV Maldives
MW Malawi
MX Mexico
MY Malaysia
MZ Mozambique
NA Namibia
NC New Caledonia
NE Niger
NF Norfolk Island
NG Nigeria
NI Nicaragua
NL Netherlands
NO Norway
NP Nepal
NR Nauru
NU Niue
NZ New Zealand
OM Oman
PA Panama
PE Peru
PF French Polynesia
PG Papua New Guinea
PH Philippines
PK Pakistan
PL Poland
PM St Pierre & Miquelon
PN Pitcairn
PR Puerto Rico
PS Palestine
PT Portugal
PW Palau
PY Paraguay
QA Qatar
RE Réunion
RO Romania
RS Serbia
RU Russia
RW Rwanda
SA Saudi Arabia
SB Solomon Islands
SC Seychelles
SD Sudan
SE Sweden
SG Singapore
SH St Helena
SI Slovenia
SJ Svalbard & Jan Mayen
SK Slovakia
SL Sierra Leone
SM San Marino
SN Senegal
SO Somalia
SR Suriname
SS South Sudan
ST Sao Tome & Principe
SV El Salvador
SX St Maarten
SY Syria
SZ Eswatini
TC Turks & Caicos Is
TD Chad
TF French S. Terr.
TG Togo
TH Thailand
TJ Tajikistan
TK Tokelau
TL East Timor
TM Turkmenistan
TN Tunisia
TO Tonga
TR Turkey
TT Trinidad & Tobago
TV Tuvalu
TW Taiwan
TZ Tanzania
UA Ukraine
UG Uganda
UM US minor outlying islands
US United States
UY Uruguay
UZ Uzbekistan
VA Vatican City
VC St Vincent
VE Venezuela
VG British Virgin Islands
VI US Virgin Islands
VN Vietnam
VU Vanuatu
WF Wallis & Futuna
WS Samoa
YE Yemen
YT Mayotte
ZA South Africa
ZM Zambia
ZW Zimbabwe
"""  # ISO 3166-1 codes with the short English names of the tz database (public domain), a few shortened for labels

REGIONS = dict(line.split(" ", 1) for line in _TABLE.splitlines())

PLATFORMS = {
    "bilibili": "Bilibili", "bluesky": "Bluesky", "dailymotion": "Dailymotion", "douyin": "Douyin", "facebook": "Facebook",
    "gdelt": "GDELT", "googlenews": "Google News", "hackernews": "Hacker News", "instagram": "Instagram", "kakao": "Kakao", "kuaishou": "Kuaishou",
    "mastodon": "Mastodon", "naver": "Naver", "news": "News", "niconico": "Niconico", "odysee": "Odysee", "ok": "OK",
    "peertube": "PeerTube", "reddit": "Reddit", "rss": "RSS", "rumble": "Rumble", "rutube": "Rutube",
    "telegram": "Telegram", "tiktok": "TikTok", "vimeo": "Vimeo", "vk": "VK", "wechat": "WeChat",
    "web": "Web", "wechat_channels": "WeChat Channels", "weibo": "Weibo", "x": "X", "xiaohongshu": "Xiaohongshu", "youtube": "YouTube",
}  # fmt: skip

SPHERES = {"cn": "Behind the Great Firewall", "ru": "Runet", "news": "News", "open": "Open web"}
_HOME = {
    "cn": {"bilibili", "douyin", "kuaishou", "wechat", "wechat_channels", "weibo", "weibo_hot", "xiaohongshu", "zhihu"},
    "ru": {"dzen", "ok", "rutube", "vk"},
    "news": {"gdelt", "googlenews", "mediacloud", "news", "rss", "web"},
}  # whose rules a platform answers to; all others are the open web


def region(code: str) -> str:
    """Return a region's name, or the code where it has none."""
    return REGIONS.get(code, code)


def platform(code: str) -> str:
    """Return a platform's name as it writes it itself, or the code."""
    return PLATFORMS.get(code, code)


def sphere(code: str) -> str:
    """Return the information sphere of a platform: cn, ru, news or open."""
    return next((name for name, members in _HOME.items() if code in members), "open")
