"""Words of events about flooding, by language, with the official warnings that use them.

`word` stands alone, `word*` begins a word, `*word*` may be inside another one, as in compounds and in scripts without
blanks; after `!` it counts only in a text marked with one of the row's languages, because it is an everyday word of
another one. Compared without case and accents. Tsunamis, avalanches, mud flows and rain are other hazards, with other
advice.
"""

# (languages as in BCP 47, words, warnings that use them; "recorded": seen in a stored recording)
FLOOD_WORDS: tuple[tuple[str, str, str], ...] = (
    ("en", "*flood*, *inundation*, inundated", "NWS, Environment Agency, CAP-CP, CAP-AU, GDACS; recorded"),
    ("en", "storm surge*, stormsurge*, storm tide*, tidal surge*, high water*, high river level*", "NWS, CAP-CP"),
    ("en", "dam break*, dam failure*, dam overflow*, dam burst*, dam breach*, dam collapse*", "NWS causes, CAP-CP"),
    ("en", "dam warning*, dam watch*, levee breach*, levee break*, levee failure*, lake outburst*", "NWS, CAP-CP"),
    ("en", "dike breach*, dike break*, dike failure*, dyke breach*, dyke break*, dyke failure*", "CAP-CP, NL-Alert"),
    ("en", "glof, glofs", "ICIMOD, NDMA"),
    ("fr", "inondation*, crue, crues, submersion*, debordement*, onde de tempete*", "Vigicrues, CAP-CP; recorded"),
    ("fr", "rupture de barrage*, rupture de digue*", "FR-Alert, CAP-CP"),
    ("es", "inundaci*, crecida*, desbord*, riada*, anegamiento*, aluvion*, marejada ciclonica", "AEMET, SENAPRED, SMN"),
    ("es", "creciente subita*, crecientes subitas*", "IDEAM"),
    ("es", "rotura de presa*, ruptura de presa*", "Protección Civil"),
    ("ca, gl, eu", "inundacio*, riuada*, asolagamento*, enchenta*, uholde*", "Meteocat, MeteoGalicia, Euskalmet"),
    ("pt", "inundac*, !cheia, !cheias, enchente*, alagamento*, enxurrada*, transbordamento*", "IPMA, CEMADEN"),
    ("it", "alluvion*, inondazion*, esondazion*, allagament*, !piena, !piene, acqua alta", "Protezione Civile"),
    ("it", "criticita idraulica, rischio idraulico", "Protezione Civile: of large rivers"),
    ("ro", "inundati*, viitura, viituri, revarsar*", "INHGA"),
    ("de, lb", "*hochwasser*, *uberschwemm*, *ueberschwemm*, *uberflut*, *ueberflut*", "LHP, Alertswiss; recorded"),
    ("de, lb", "*sturmflut*, *sturzflut*, *dammbruch*, *deichbruch*, *heichwaasser*, *iwwerschwemm*", "BSH, NINA"),
    (
        "nl, af",
        "*overstroming*, *hoogwater*, *wateroverlast*, *stormvloed*, *dijkdoorbraak*, *oorstroming*",
        "NL-Alert",
    ),
    ("sv", "*oversvamning*, hoga floden, hogt flode, hoga vattenstand, hogt vattenstand, *dammbrott*", "SMHI"),
    ("nb, nn, no", "*flom, flom*, *flaum, flaum*, *oversvommelse*, *stormflo*, *dambrudd*", "NVE, MET Norway"),
    ("nb, nn, no, da", "hoy vannstand*, hog vasstand*, forhojet vandstand*, *stormflod*, hojvande*", "MET Norway, DMI"),
    ("fi", "*tulva*, *tulvi*, korkea merivesi*, korkea merivedenkorkeus*", "FMI, SYKE"),
    ("is, fo", "!*flod*, *vatnsflod*, sjavarflod*, jokulhlaup*, vatnavext*", "Veðurstofa Íslands"),
    ("ga, gd", "!tuile, tuilte*, tuiltean*, borradh stoirme", "Met Éireann, SEPA"),
    ("cy", "*llifogydd*, *lifogydd*, !llif, gorlifo*", "Natural Resources Wales"),
    ("pl", "*powodz*, *powodzi*, wezbrani*, podtopieni*, !zalani*", "IMGW-PIB, RCB"),
    ("pl", "wzrost stanu wody*, wzrost stanow wody*, wzrosty stanow wody*", "IMGW-PIB"),
    ("cs, sk", "povoden*, povodn*, zaplav*, zatopen*, rozvodnen*", "CHMU, SHMU"),
    ("hu", "*arviz*, *belviz*, aradas*, kiontes*", "OVF, HungaroMet"),
    ("sl, hr, bs, sr", "poplav*, bujicn*, visok vodostaj*, visoke vode", "ARSO, DHMZ, RHMZ"),
    (
        "ru, uk, be, bg, mk, sr",
        "наводнени*, паводок*, паводк*, паводок*, половодь*, подтоплени*, поплав*",
        "Roshydromet",
    ),
    ("ru, uk, be, bg, mk, sr", "затоплени*, затопленн*, повінь*, повен*, підтоплен*, наводнен*", "UkrHMC, NIMH"),
    ("kk, ky", "*тасқын*, *су басу*", "Kazhydromet"),
    ("el", "πλημμυρ*, υπερχειλισ*", "Civil Protection of Greece"),
    ("sq, tr", "permbytj*, !sel, taskin*, su baskin*", "IGJEO, MGM, AFAD"),
    ("et, lv, lt, mt", "uleujutus*, pludi*, pludu*, potvyn*, għargħar*", "MeteoAlarm"),
    ("ar, fa, ur", "*فيضان*, سيول, السيول, سیل, سیلاب*, *سیلاب*", "WMO members' feeds"),
    ("he", "*שיטפון*, *שטפון*, *שטפונות*, *שיטפונות*, הצפה*, הצפות*", "Israel Meteorological Service"),
    ("hi, ne, bn", "*बाढ*, *जलभराव*, *বন্যা*", "SACHET, DHM, FFWC"),
    ("th, vi", "*น้ำท่วม*, *น้ำป่า*, *น้ำหลาก*, !lũ, !ngập*, lũ lụt, lũ quét, ngập lụt", "TMD, VNMHA"),
    ("id, ms", "banjir*", "BMKG, MetMalaysia"),
    ("tl, fil, ceb", "!baha, pagbaha*, bumabaha*", "PAGASA"),
    ("sw, ht", "mafuriko*, inondasyon*", "TMA, DPC Haiti"),
    ("ja", "*洪水*, *氾濫*, *はん濫*, *浸水*, *高潮*", "JMA"),
    # 洩洪, the release of flood water from a reservoir, is sudden high water for the banks below it.
    (
        "zh",
        "*洪水*, *淹水*, *山洪*, *洪澇*, *洪涝*, *內澇*, *内涝*, *洩洪*, *泄洪*, *水浸*",
        "NCDR, CMA, HKO; recorded",
    ),
    ("zh", "*暴潮*, *河川高水位*, *水庫放流*, *潰壩*, *溃坝*, *潰堤*, *溃堤*", "NCDR, CMA"),
    ("ko", "*홍수*, *침수*, *범람*, *폭풍해일*", "KMA"),
)

# Removed before the search: other things that contain a word from above.
OTHER_THINGS = (
    "floodlight*, flood light*, floodplain*, flood plain*, floodgate*, high water temperature*, high water mark*,"
    " *snjoflod*, flood of refugees*, flood of calls*, flood of messages*,"
    " flood of counterfeit*, flood of complaints*,"
    # Names of places, and words for "full" in Italian and Portuguese.
    " flood creek*, flood street*, flood lane*, flood avenue*, flood park*, flood lake*, flood hill*,"
    " luna piena, lua cheia, piena allerta, piena emergenza"
)
# Words that make it another hazard, whatever else is said: tsunamis need other advice.
OTHER_HAZARDS = "*tsunami*, maremot*, цунами*, *津波*, *海嘯*, *海啸*, *지진해일*"
# Words that, right before a flood word, deny it.
DENIALS = "no, not, non, without, kein, keine, keinerlei, ohne, pas d, pas de, sans, sin, sem, senza, ingen, uten, geen"

# Words of events that name no hazard: if an event has no others, its headline decides.
GENERIC = frozenset(
    "a an and for of the in warning warnings alert alerts watch advisory statement notice notification information info"
    " message messages news weather emergency civil local area special public safety severe extreme moderate minor"
    " update updated final announcement important hazard danger situation incident event other general red orange"
    " yellow amber official all clear cancelled cancellation evacuation immediate order"
    " warnung warnmeldung gefahrenmitteilung gefahreninformation gefahr entwarnung amtliche meldung mitteilung alarm"
    " alerte avis bulletin vigilance avertissement urgence meteo meteorologique jaune rouge fin de la le les du"
    " alerta aviso advertencia emergencia mensaje informacion boletin roja amarilla naranja mensagem"
    " avviso allerta allarme messaggio comunicato waarschuwing melding varning meddelande viktigt varsel advarsel"
    " varoitus tiedote ostrzezenie komunikat vystraha riasztas figyelmeztetes upozorenje opozorilo avertizare"
    " vma предупреждение оповещение peringatan babala rabhadh rhybudd 警報 警告 預警 预警 경보".split()
)
