"""Places as Chinese platforms name them beside a post (the IP label, a duty since 2022) to ISO 3166 codes."""

from __future__ import annotations

import re

# ISO 3166-2:CN; Hong Kong, Macao and Taiwan have ISO 3166-1 codes of their own.
_PROVINCES = (
    "北京 CN-BJ 天津 CN-TJ 河北 CN-HE 山西 CN-SX 内蒙古 CN-NM 辽宁 CN-LN 吉林 CN-JL 黑龙江 CN-HL 上海 CN-SH 江苏 CN-JS 浙江 CN-ZJ 安徽 CN-AH "
    "福建 CN-FJ 江西 CN-JX 山东 CN-SD 河南 CN-HA 湖北 CN-HB 湖南 CN-HN 广东 CN-GD 广西 CN-GX 海南 CN-HI 重庆 CN-CQ 四川 CN-SC 贵州 CN-GZ "
    "云南 CN-YN 西藏 CN-XZ 陕西 CN-SN 甘肃 CN-GS 青海 CN-QH 宁夏 CN-NX 新疆 CN-XJ 香港 HK 澳门 MO 台湾 TW 中国香港 HK 中国澳门 MO 中国台湾 TW"
)
# ISO 3166-1, by the names in use in mainland China.
_COUNTRIES = (
    "中国 CN 美国 US 日本 JP 韩国 KR 朝鲜 KP 英国 GB 法国 FR 德国 DE 意大利 IT 西班牙 ES 葡萄牙 PT 荷兰 NL 比利时 BE 瑞士 CH 奥地利 AT 瑞典 SE "
    "挪威 NO 丹麦 DK 芬兰 FI 冰岛 IS 爱尔兰 IE 波兰 PL 捷克 CZ 匈牙利 HU 罗马尼亚 RO 保加利亚 BG 塞尔维亚 RS 克罗地亚 HR 希腊 GR 土耳其 TR "
    "俄罗斯 RU 乌克兰 UA 白俄罗斯 BY 哈萨克斯坦 KZ 乌兹别克斯坦 UZ 吉尔吉斯斯坦 KG 格鲁吉亚 GE 蒙古 MN 新加坡 SG 马来西亚 MY 泰国 TH 越南 VN "
    "印度尼西亚 ID 印尼 ID 菲律宾 PH 柬埔寨 KH 老挝 LA 缅甸 MM 印度 IN 巴基斯坦 PK 孟加拉国 BD 尼泊尔 NP 斯里兰卡 LK 伊朗 IR 伊拉克 IQ "
    "以色列 IL 沙特阿拉伯 SA 阿联酋 AE 阿拉伯联合酋长国 AE 卡塔尔 QA 科威特 KW 埃及 EG 南非 ZA 尼日利亚 NG 肯尼亚 KE 埃塞俄比亚 ET 摩洛哥 MA "
    "澳大利亚 AU 新西兰 NZ 加拿大 CA 墨西哥 MX 巴西 BR 阿根廷 AR 智利 CL 秘鲁 PE 哥伦比亚 CO 委内瑞拉 VE 古巴 CU"
)
_NAMES = iter(f"{_PROVINCES} {_COUNTRIES}".split())
_CODES = dict(zip(_NAMES, _NAMES, strict=True))
_AROUND = re.compile(
    r"^(?:发布于|來自|来自|IP属地[:：]?|IP屬地[:：]?|ip属地[:：]?)\s*|(?:壮族|回族|维吾尔)?(?:省|市|自治区|特别行政区)$"
)
_CODE = re.compile(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?")


def from_label(label: object) -> str | None:
    """Return the code of a label such as "广东" or "发布于 广东", or None where it names no place that we know."""
    if not isinstance(label, str) or not label.strip():
        return None
    name = label.strip()
    while (shorter := _AROUND.sub("", name).strip()) != name:
        name = shorter
    return _CODES.get(name) or _CODES.get(name.split()[0] if name.split() else "")


def from_code(code: object) -> str | None:
    """Return an ISO 3166 code as it is, in capitals, or None for what is none."""
    found = code.strip().upper() if isinstance(code, str) else ""
    return found if _CODE.fullmatch(found) else None
