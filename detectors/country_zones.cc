#include "detectors/country_zones.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>

#include "base/time_zone.h"

namespace tocsin::detectors {
namespace {

struct Country {
  std::string_view code;
  std::string_view zones;  // Separated by spaces; one of each clock there has been since 2024.
};

// By code. From the tz database's zone.tab, which is in the public domain.
constexpr Country kCountries[] = {
    {"AD", "Europe/Andorra"},
    {"AE", "Asia/Dubai"},
    {"AF", "Asia/Kabul"},
    {"AG", "America/Antigua"},
    {"AI", "America/Anguilla"},
    {"AL", "Europe/Tirane"},
    {"AM", "Asia/Yerevan"},
    {"AO", "Africa/Luanda"},
    {"AQ",
     "Antarctica/McMurdo Antarctica/Casey Antarctica/Davis Antarctica/DumontDUrville Antarctica/Mawson "
     "Antarctica/Palmer Antarctica/Syowa Antarctica/Troll"},
    {"AR", "America/Argentina/Buenos_Aires"},
    {"AS", "Pacific/Pago_Pago"},
    {"AT", "Europe/Vienna"},
    {"AU",
     "Australia/Lord_Howe Antarctica/Macquarie Australia/Broken_Hill Australia/Brisbane Australia/Darwin "
     "Australia/Perth Australia/Eucla"},
    {"AW", "America/Aruba"},
    {"AX", "Europe/Mariehamn"},
    {"AZ", "Asia/Baku"},
    {"BA", "Europe/Sarajevo"},
    {"BB", "America/Barbados"},
    {"BD", "Asia/Dhaka"},
    {"BE", "Europe/Brussels"},
    {"BF", "Africa/Ouagadougou"},
    {"BG", "Europe/Sofia"},
    {"BH", "Asia/Bahrain"},
    {"BI", "Africa/Bujumbura"},
    {"BJ", "Africa/Porto-Novo"},
    {"BL", "America/St_Barthelemy"},
    {"BM", "Atlantic/Bermuda"},
    {"BN", "Asia/Brunei"},
    {"BO", "America/La_Paz"},
    {"BQ", "America/Kralendijk"},
    {"BR", "America/Noronha America/Belem America/Campo_Grande America/Eirunepe"},
    {"BS", "America/Nassau"},
    {"BT", "Asia/Thimphu"},
    {"BW", "Africa/Gaborone"},
    {"BY", "Europe/Minsk"},
    {"BZ", "America/Belize"},
    {"CA",
     "America/St_Johns America/Halifax America/Blanc-Sablon America/Toronto America/Atikokan "
     "America/Winnipeg America/Regina America/Edmonton America/Creston America/Vancouver"},
    {"CC", "Indian/Cocos"},
    {"CD", "Africa/Kinshasa Africa/Lubumbashi"},
    {"CF", "Africa/Bangui"},
    {"CG", "Africa/Brazzaville"},
    {"CH", "Europe/Zurich"},
    {"CI", "Africa/Abidjan"},
    {"CK", "Pacific/Rarotonga"},
    {"CL", "America/Santiago America/Coyhaique America/Punta_Arenas Pacific/Easter"},
    {"CM", "Africa/Douala"},
    {"CN", "Asia/Shanghai Asia/Urumqi"},
    {"CO", "America/Bogota"},
    {"CR", "America/Costa_Rica"},
    {"CU", "America/Havana"},
    {"CV", "Atlantic/Cape_Verde"},
    {"CW", "America/Curacao"},
    {"CX", "Indian/Christmas"},
    {"CY", "Asia/Nicosia"},
    {"CZ", "Europe/Prague"},
    {"DE", "Europe/Berlin"},
    {"DJ", "Africa/Djibouti"},
    {"DK", "Europe/Copenhagen"},
    {"DM", "America/Dominica"},
    {"DO", "America/Santo_Domingo"},
    {"DZ", "Africa/Algiers"},
    {"EC", "America/Guayaquil Pacific/Galapagos"},
    {"EE", "Europe/Tallinn"},
    {"EG", "Africa/Cairo"},
    {"EH", "Africa/El_Aaiun"},
    {"ER", "Africa/Asmara"},
    {"ES", "Europe/Madrid Atlantic/Canary"},
    {"ET", "Africa/Addis_Ababa"},
    {"FI", "Europe/Helsinki"},
    {"FJ", "Pacific/Fiji"},
    {"FK", "Atlantic/Stanley"},
    {"FM", "Pacific/Chuuk Pacific/Pohnpei"},
    {"FO", "Atlantic/Faroe"},
    {"FR", "Europe/Paris"},
    {"GA", "Africa/Libreville"},
    {"GB", "Europe/London"},
    {"GD", "America/Grenada"},
    {"GE", "Asia/Tbilisi"},
    {"GF", "America/Cayenne"},
    {"GG", "Europe/Guernsey"},
    {"GH", "Africa/Accra"},
    {"GI", "Europe/Gibraltar"},
    {"GL", "America/Nuuk America/Danmarkshavn America/Scoresbysund America/Thule"},
    {"GM", "Africa/Banjul"},
    {"GN", "Africa/Conakry"},
    {"GP", "America/Guadeloupe"},
    {"GQ", "Africa/Malabo"},
    {"GR", "Europe/Athens"},
    {"GS", "Atlantic/South_Georgia"},
    {"GT", "America/Guatemala"},
    {"GU", "Pacific/Guam"},
    {"GW", "Africa/Bissau"},
    {"GY", "America/Guyana"},
    {"HK", "Asia/Hong_Kong"},
    {"HN", "America/Tegucigalpa"},
    {"HR", "Europe/Zagreb"},
    {"HT", "America/Port-au-Prince"},
    {"HU", "Europe/Budapest"},
    {"ID", "Asia/Jakarta Asia/Makassar Asia/Jayapura"},
    {"IE", "Europe/Dublin"},
    {"IL", "Asia/Jerusalem"},
    {"IM", "Europe/Isle_of_Man"},
    {"IN", "Asia/Kolkata"},
    {"IO", "Indian/Chagos"},
    {"IQ", "Asia/Baghdad"},
    {"IR", "Asia/Tehran"},
    {"IS", "Atlantic/Reykjavik"},
    {"IT", "Europe/Rome"},
    {"JE", "Europe/Jersey"},
    {"JM", "America/Jamaica"},
    {"JO", "Asia/Amman"},
    {"JP", "Asia/Tokyo"},
    {"KE", "Africa/Nairobi"},
    {"KG", "Asia/Bishkek"},
    {"KH", "Asia/Phnom_Penh"},
    {"KI", "Pacific/Tarawa Pacific/Kanton Pacific/Kiritimati"},
    {"KM", "Indian/Comoro"},
    {"KN", "America/St_Kitts"},
    {"KP", "Asia/Pyongyang"},
    {"KR", "Asia/Seoul"},
    {"KW", "Asia/Kuwait"},
    {"KY", "America/Cayman"},
    {"KZ", "Asia/Almaty Asia/Qyzylorda"},
    {"LA", "Asia/Vientiane"},
    {"LB", "Asia/Beirut"},
    {"LC", "America/St_Lucia"},
    {"LI", "Europe/Vaduz"},
    {"LK", "Asia/Colombo"},
    {"LR", "Africa/Monrovia"},
    {"LS", "Africa/Maseru"},
    {"LT", "Europe/Vilnius"},
    {"LU", "Europe/Luxembourg"},
    {"LV", "Europe/Riga"},
    {"LY", "Africa/Tripoli"},
    {"MA", "Africa/Casablanca"},
    {"MC", "Europe/Monaco"},
    {"MD", "Europe/Chisinau"},
    {"ME", "Europe/Podgorica"},
    {"MF", "America/Marigot"},
    {"MG", "Indian/Antananarivo"},
    {"MH", "Pacific/Majuro"},
    {"MK", "Europe/Skopje"},
    {"ML", "Africa/Bamako"},
    {"MM", "Asia/Yangon"},
    {"MN", "Asia/Ulaanbaatar Asia/Hovd"},
    {"MO", "Asia/Macau"},
    {"MP", "Pacific/Saipan"},
    {"MQ", "America/Martinique"},
    {"MR", "Africa/Nouakchott"},
    {"MS", "America/Montserrat"},
    {"MT", "Europe/Malta"},
    {"MU", "Indian/Mauritius"},
    {"MV", "Indian/Maldives"},
    {"MW", "Africa/Blantyre"},
    {"MX",
     "America/Mexico_City America/Cancun America/Matamoros America/Ciudad_Juarez America/Mazatlan "
     "America/Tijuana"},
    {"MY", "Asia/Kuala_Lumpur"},
    {"MZ", "Africa/Maputo"},
    {"NA", "Africa/Windhoek"},
    {"NC", "Pacific/Noumea"},
    {"NE", "Africa/Niamey"},
    {"NF", "Pacific/Norfolk"},
    {"NG", "Africa/Lagos"},
    {"NI", "America/Managua"},
    {"NL", "Europe/Amsterdam"},
    {"NO", "Europe/Oslo"},
    {"NP", "Asia/Kathmandu"},
    {"NR", "Pacific/Nauru"},
    {"NU", "Pacific/Niue"},
    {"NZ", "Pacific/Auckland Pacific/Chatham"},
    {"OM", "Asia/Muscat"},
    {"PA", "America/Panama"},
    {"PE", "America/Lima"},
    {"PF", "Pacific/Tahiti Pacific/Marquesas Pacific/Gambier"},
    {"PG", "Pacific/Port_Moresby Pacific/Bougainville"},
    {"PH", "Asia/Manila"},
    {"PK", "Asia/Karachi"},
    {"PL", "Europe/Warsaw"},
    {"PM", "America/Miquelon"},
    {"PN", "Pacific/Pitcairn"},
    {"PR", "America/Puerto_Rico"},
    {"PS", "Asia/Gaza"},
    {"PT", "Europe/Lisbon Atlantic/Azores"},
    {"PW", "Pacific/Palau"},
    {"PY", "America/Asuncion"},
    {"QA", "Asia/Qatar"},
    {"RE", "Indian/Reunion"},
    {"RO", "Europe/Bucharest"},
    {"RS", "Europe/Belgrade"},
    {"RU",
     "Europe/Kaliningrad Europe/Moscow Europe/Astrakhan Asia/Yekaterinburg Asia/Omsk Asia/Novosibirsk "
     "Asia/Irkutsk Asia/Chita Asia/Vladivostok Asia/Magadan Asia/Kamchatka"},
    {"RW", "Africa/Kigali"},
    {"SA", "Asia/Riyadh"},
    {"SB", "Pacific/Guadalcanal"},
    {"SC", "Indian/Mahe"},
    {"SD", "Africa/Khartoum"},
    {"SE", "Europe/Stockholm"},
    {"SG", "Asia/Singapore"},
    {"SH", "Atlantic/St_Helena"},
    {"SI", "Europe/Ljubljana"},
    {"SJ", "Arctic/Longyearbyen"},
    {"SK", "Europe/Bratislava"},
    {"SL", "Africa/Freetown"},
    {"SM", "Europe/San_Marino"},
    {"SN", "Africa/Dakar"},
    {"SO", "Africa/Mogadishu"},
    {"SR", "America/Paramaribo"},
    {"SS", "Africa/Juba"},
    {"ST", "Africa/Sao_Tome"},
    {"SV", "America/El_Salvador"},
    {"SX", "America/Lower_Princes"},
    {"SY", "Asia/Damascus"},
    {"SZ", "Africa/Mbabane"},
    {"TC", "America/Grand_Turk"},
    {"TD", "Africa/Ndjamena"},
    {"TF", "Indian/Kerguelen"},
    {"TG", "Africa/Lome"},
    {"TH", "Asia/Bangkok"},
    {"TJ", "Asia/Dushanbe"},
    {"TK", "Pacific/Fakaofo"},
    {"TL", "Asia/Dili"},
    {"TM", "Asia/Ashgabat"},
    {"TN", "Africa/Tunis"},
    {"TO", "Pacific/Tongatapu"},
    {"TR", "Europe/Istanbul"},
    {"TT", "America/Port_of_Spain"},
    {"TV", "Pacific/Funafuti"},
    {"TW", "Asia/Taipei"},
    {"TZ", "Africa/Dar_es_Salaam"},
    {"UA", "Europe/Simferopol Europe/Kyiv"},
    {"UG", "Africa/Kampala"},
    {"UM", "Pacific/Midway Pacific/Wake"},
    {"US",
     "America/New_York America/Chicago America/Denver America/Phoenix America/Los_Angeles America/Anchorage "
     "America/Adak Pacific/Honolulu"},
    {"UY", "America/Montevideo"},
    {"UZ", "Asia/Samarkand"},
    {"VA", "Europe/Vatican"},
    {"VC", "America/St_Vincent"},
    {"VE", "America/Caracas"},
    {"VG", "America/Tortola"},
    {"VI", "America/St_Thomas"},
    {"VN", "Asia/Ho_Chi_Minh"},
    {"VU", "Pacific/Efate"},
    {"WF", "Pacific/Wallis"},
    {"WS", "Pacific/Apia"},
    {"XK", "Europe/Belgrade"},
    {"YE", "Asia/Aden"},
    {"YT", "Indian/Mayotte"},
    {"ZA", "Africa/Johannesburg"},
    {"ZM", "Africa/Lusaka"},
    {"ZW", "Africa/Harare"},
};

constexpr bool IsSorted() {
  for (size_t i = 1; i < std::size(kCountries); ++i) {
    if (kCountries[i - 1].code >= kCountries[i].code) return false;
  }
  return true;
}
static_assert(IsSorted());

// Of two letters, in their order.
constexpr unsigned Rank(std::string_view code) {
  return static_cast<unsigned>(static_cast<unsigned char>(code[0])) << 8 |
         static_cast<unsigned char>(code[1]);
}

std::string_view ZonesOf(std::string_view country) {
  if (country.size() != 2) return {};
  const auto* const found = std::ranges::lower_bound(kCountries, Rank(country), {},
                                                     [](const Country& held) { return Rank(held.code); });
  return found != std::end(kCountries) && found->code == country ? found->zones : std::string_view();
}

}  // namespace

bool IsCountry(std::string_view code) { return !ZonesOf(code).empty(); }

std::optional<std::chrono::minutes> OffClocksOf(std::string_view country, std::chrono::minutes offset,
                                                Timestamp at) {
  constexpr int64_t kDayMinutes = int64_t{24} * 60;
  std::optional<std::chrono::minutes> nearest;
  for (std::string_view rest = ZonesOf(country); !rest.empty();) {
    const size_t end = std::min(rest.find(' '), rest.size());
    const std::optional<TimeZone> zone = TimeZone::Find(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (!zone) continue;
    // By the face of the clock: a day ahead is none.
    const int64_t apart = std::abs((zone->ToLocal(at).offset - offset).count()) % kDayMinutes;
    const std::chrono::minutes off(std::min(apart, kDayMinutes - apart));
    if (!nearest || off < *nearest) nearest = off;
  }
  return nearest;
}

bool IsZoneOf(std::string_view country, std::string_view zone) {
  for (std::string_view rest = ZonesOf(country); !rest.empty();) {
    const size_t end = std::min(rest.find(' '), rest.size());
    if (rest.substr(0, end) == zone) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

std::string_view OnlyZoneOf(std::string_view country) {
  const std::string_view zones = ZonesOf(country);
  return zones.find(' ') == std::string_view::npos ? zones : std::string_view();
}

}  // namespace tocsin::detectors
