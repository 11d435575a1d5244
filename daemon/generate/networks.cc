// Real networks by city, so that a real database and the tests' small ones both know where generated traffic
// comes from.
//
// Derived from tests/support/places.json (every city with a network people use, its IPv4 prefixes), which was
// taken from the public DB-IP lite and RouteViews/NRO tables of 2026-06 (CC BY 4.0, https://db-ip.com; see
// THIRD_PARTY.md). Nothing is known, or said, about who uses these addresses: the traffic is made up. Shares
// of homes are made up as well.
#include "daemon/generate/networks.h"

namespace tocsin::daemon::generate {
namespace {

using enum NetworkKind;

constexpr City kCities[] = {
    // name, country, zone, language, currency, share of homes, latitude and longitude
    {"Berlin", "DE", "Europe/Berlin", "en", "EUR", 2, {52.52, 13.40}},
    {"Potsdam", "DE", "Europe/Berlin", "en", "EUR", 0, {52.39, 13.06}},
    {"Munich", "DE", "Europe/Berlin", "en", "EUR", 1, {48.14, 11.58}},
    {"Frankfurt am Main", "DE", "Europe/Berlin", "en", "EUR", 0, {50.11, 8.68}},
    {"Paris", "FR", "Europe/Paris", "en", "EUR", 2, {48.86, 2.35}},
    {"Strasbourg", "FR", "Europe/Paris", "en", "EUR", 0, {48.57, 7.75}},
    {"London", "GB", "Europe/London", "en", "GBP", 4, {51.51, -0.13}},
    {"Manchester", "GB", "Europe/London", "en", "GBP", 1, {53.48, -2.24}},
    {"Amsterdam", "NL", "Europe/Amsterdam", "en", "EUR", 1, {52.37, 4.90}},
    {"Stockholm", "SE", "Europe/Stockholm", "en", "SEK", 1, {59.33, 18.07}},
    {"Madrid", "ES", "Europe/Madrid", "en", "EUR", 1, {40.42, -3.70}},
    {"Warsaw", "PL", "Europe/Warsaw", "en", "PLN", 1, {52.23, 21.01}},
    {"Istanbul", "TR", "Europe/Istanbul", "en", "TRY", 1, {41.01, 28.98}},
    {"Moscow", "RU", "Europe/Moscow", "en", "RUB", 0, {55.76, 37.62}},
    {"New York", "US", "America/New_York", "en", "USD", 4, {40.71, -74.01}},
    {"Newark", "US", "America/New_York", "en", "USD", 1, {40.74, -74.17}},
    {"Ashburn", "US", "America/New_York", "en", "USD", 0, {39.04, -77.49}},
    {"Chicago", "US", "America/Chicago", "en", "USD", 2, {41.88, -87.63}},
    {"Los Angeles", "US", "America/Los_Angeles", "en", "USD", 3, {34.05, -118.24}},
    {"Anaheim", "US", "America/Los_Angeles", "en", "USD", 0, {33.84, -117.91}},
    {"Toronto", "CA", "America/Toronto", "en", "CAD", 2, {43.65, -79.38}},
    {"Mexico City", "MX", "America/Mexico_City", "en", "MXN", 1, {19.43, -99.13}},
    {"São Paulo", "BR", "America/Sao_Paulo", "en", "BRL", 1, {-23.55, -46.63}},
    {"Tokyo", "JP", "Asia/Tokyo", "en", "JPY", 2, {35.68, 139.65}},
    {"Osaka", "JP", "Asia/Tokyo", "en", "JPY", 1, {34.69, 135.50}},
    {"Seoul", "KR", "Asia/Seoul", "en", "KRW", 2, {37.57, 126.98}},
    {"Beijing", "CN", "Asia/Shanghai", "zh-CN", "CNY", 9, {39.90, 116.41}},
    {"Shanghai", "CN", "Asia/Shanghai", "zh-CN", "CNY", 11, {31.23, 121.47}},
    {"Hangzhou", "CN", "Asia/Shanghai", "zh-CN", "CNY", 7, {30.27, 120.16}},
    {"Guangzhou", "CN", "Asia/Shanghai", "zh-CN", "CNY", 7, {23.13, 113.26}},
    {"Shenzhen", "CN", "Asia/Shanghai", "zh-CN", "CNY", 7, {22.54, 114.06}},
    {"Chengdu", "CN", "Asia/Shanghai", "zh-CN", "CNY", 6, {30.57, 104.07}},
    {"Kunming", "CN", "Asia/Shanghai", "zh-CN", "CNY", 4, {24.88, 102.83}},
    {"Hong Kong", "HK", "Asia/Hong_Kong", "en", "HKD", 3, {22.28, 114.16}},
    {"Singapore", "SG", "Asia/Singapore", "en", "SGD", 4, {1.35, 103.82}},
    {"Mumbai", "IN", "Asia/Kolkata", "en", "INR", 3, {19.08, 72.88}},
    {"Dubai", "AE", "Asia/Dubai", "en", "AED", 1, {25.20, 55.27}},
    {"Lagos", "NG", "Africa/Lagos", "en", "NGN", 0, {6.52, 3.38}},
    {"Nairobi", "KE", "Africa/Nairobi", "en", "KES", 1, {-1.29, 36.82}},
    {"Johannesburg", "ZA", "Africa/Johannesburg", "en", "ZAR", 1, {-26.20, 28.05}},
    {"Sydney", "AU", "Australia/Sydney", "en", "AUD", 2, {-33.87, 151.21}},
    {"Auckland", "NZ", "Pacific/Auckland", "en", "NZD", 1, {-36.85, 174.76}},
};

constexpr uint32_t Address(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  return a << 24U | b << 16U | c << 8U | d;
}

// One network a line.
// clang-format off
constexpr Network kNetworks[] = {
    // city, kind, autonomous system, prefixes
    {0, kResidential, 3320, {{{Address(139, 12, 16, 0), 20}, {Address(139, 12, 32, 0), 19}, {Address(139, 12, 64, 0), 19}}}},  // Berlin: Deutsche Telekom AG
    {0, kResidential, 3209, {{{Address(2, 205, 80, 0), 21}, {Address(83, 169, 144, 0), 20}, {Address(83, 169, 160, 0), 20}}}},  // Berlin: Vodafone GmbH
    {0, kMobile, 6805, {{{Address(77, 188, 0, 0), 18}, {Address(78, 55, 0, 0), 18}, {Address(89, 13, 0, 0), 18}}}},  // Berlin: Telefonica Germany GmbH & Co.OHG
    {0, kResidential, 8881, {{{Address(46, 189, 96, 0), 21}, {Address(89, 245, 200, 0), 21}, {Address(89, 247, 64, 0), 20}}}},  // Berlin: 1&1 Versatel GmbH
    {0, kBusiness, 680, {{{Address(130, 73, 0, 0), 18}, {Address(130, 133, 0, 0), 18}, {Address(141, 42, 0, 0), 18}}}},  // Berlin: Verein zur Foerderung eines Deutschen Forschungsnetzes e.V.
    {0, kAnonymiser, 60729, {{{Address(185, 220, 101, 0), 24}, {Address(185, 220, 101, 0), 24}, {Address(185, 220, 101, 0), 24}}}},  // Berlin: Stiftung Erneuerbare Freiheit
    {1, kResidential, 3320, {{{Address(80, 144, 0, 0), 22}, {Address(80, 144, 152, 0), 22}, {Address(84, 129, 104, 0), 22}}}},  // Potsdam: Deutsche Telekom AG
    {1, kResidential, 3209, {{{Address(2, 200, 160, 0), 24}, {Address(91, 66, 150, 0), 23}, {Address(145, 253, 212, 0), 24}}}},  // Potsdam: Vodafone GmbH
    {2, kResidential, 3320, {{{Address(2, 165, 80, 0), 20}, {Address(2, 165, 96, 0), 19}, {Address(193, 30, 192, 0), 19}}}},  // Munich: Deutsche Telekom AG
    {2, kResidential, 8767, {{{Address(46, 244, 128, 0), 19}, {Address(83, 171, 144, 0), 20}, {Address(93, 104, 160, 0), 19}}}},  // Munich: M-net Telekommunikations GmbH
    {2, kMobile, 6805, {{{Address(2, 240, 0, 0), 18}, {Address(5, 4, 0, 0), 18}, {Address(217, 48, 0, 0), 18}}}},  // Munich: Telefonica Germany GmbH & Co.OHG
    {3, kResidential, 3320, {{{Address(2, 163, 0, 0), 18}, {Address(87, 136, 0, 0), 18}, {Address(91, 27, 0, 0), 18}}}},  // Frankfurt am Main: Deutsche Telekom AG
    {3, kHosting, 24940, {{{Address(46, 225, 244, 0), 22}, {Address(138, 199, 248, 0), 21}, {Address(157, 90, 58, 0), 23}}}},  // Frankfurt am Main: Hetzner Online GmbH
    {3, kHosting, 14061, {{{Address(46, 101, 208, 0), 20}, {Address(104, 248, 136, 0), 21}, {Address(134, 122, 80, 0), 20}}}},  // Frankfurt am Main: DigitalOcean, LLC
    {3, kAnonymiser, 9009, {{{Address(5, 157, 192, 0), 19}, {Address(106, 48, 144, 0), 20}, {Address(188, 74, 192, 0), 20}}}},  // Frankfurt am Main: M247 Europe SRL
    {4, kResidential, 3215, {{{Address(90, 98, 0, 0), 18}, {Address(92, 128, 128, 0), 18}, {Address(109, 211, 0, 0), 18}}}},  // Paris: Orange S.A.
    {4, kResidential, 12322, {{{Address(78, 250, 0, 0), 18}, {Address(78, 252, 0, 0), 18}, {Address(78, 254, 0, 0), 18}}}},  // Paris: Free SAS
    {4, kMobile, 51207, {{{Address(37, 168, 64, 0), 18}, {Address(37, 169, 192, 0), 18}, {Address(37, 171, 0, 0), 19}}}},  // Paris: Free Mobile SAS
    {4, kHosting, 12876, {{{Address(151, 115, 128, 0), 19}, {Address(163, 172, 0, 0), 18}, {Address(163, 172, 64, 0), 19}}}},  // Paris: Scaleway SAS
    {5, kResidential, 3215, {{{Address(81, 255, 248, 0), 21}, {Address(83, 113, 232, 0), 21}, {Address(83, 192, 16, 0), 21}}}},  // Strasbourg: Orange S.A.
    {5, kResidential, 12322, {{{Address(82, 235, 48, 0), 22}, {Address(82, 235, 52, 0), 22}, {Address(82, 236, 180, 0), 22}}}},  // Strasbourg: Free SAS
    {5, kHosting, 16276, {{{Address(137, 74, 192, 0), 21}, {Address(149, 202, 40, 0), 21}, {Address(149, 202, 48, 0), 21}}}},  // Strasbourg: OVH SAS
    {6, kResidential, 2856, {{{Address(31, 55, 0, 0), 18}, {Address(86, 187, 0, 0), 18}, {Address(147, 152, 128, 0), 18}}}},  // London: British Telecommunications PLC
    {6, kResidential, 5607, {{{Address(2, 127, 160, 0), 19}, {Address(78, 86, 64, 0), 18}, {Address(78, 86, 192, 0), 18}}}},  // London: Sky UK Limited
    {6, kMobile, 206067, {{{Address(92, 41, 0, 0), 20}, {Address(188, 28, 0, 0), 20}, {Address(188, 29, 192, 0), 20}}}},  // London: Hutchison 3G UK Limited
    {6, kHosting, 14061, {{{Address(5, 101, 96, 0), 21}, {Address(5, 101, 110, 0), 23}, {Address(64, 227, 32, 0), 23}}}},  // London: DigitalOcean, LLC
    {6, kAnonymiser, 9009, {{{Address(106, 48, 128, 0), 20}, {Address(106, 49, 32, 0), 20}, {Address(109, 176, 216, 0), 21}}}},  // London: M247 Europe SRL
    {6, kHosting, 36183, {{{Address(172, 224, 226, 0), 24}, {Address(172, 224, 226, 0), 24}, {Address(172, 224, 226, 0), 24}}}},  // London: Akamai Technologies, Inc.
    {7, kResidential, 2856, {{{Address(51, 230, 8, 0), 21}, {Address(109, 144, 180, 0), 22}, {Address(109, 144, 184, 0), 21}}}},  // Manchester: British Telecommunications PLC
    {7, kResidential, 13037, {{{Address(185, 169, 118, 0), 24}, {Address(212, 23, 2, 0), 24}, {Address(217, 155, 10, 0), 24}}}},  // Manchester: Zen Internet Ltd
    {8, kResidential, 1136, {{{Address(82, 92, 0, 0), 18}, {Address(144, 44, 0, 0), 18}, {Address(145, 78, 128, 0), 18}}}},  // Amsterdam: KPN B.V.
    {8, kResidential, 33915, {{{Address(46, 129, 64, 0), 18}, {Address(46, 129, 192, 0), 18}, {Address(217, 63, 128, 0), 18}}}},  // Amsterdam: Vodafone Libertel B.V.
    {8, kHosting, 14061, {{{Address(37, 139, 0, 0), 19}, {Address(95, 85, 32, 0), 19}, {Address(146, 185, 128, 0), 18}}}},  // Amsterdam: DigitalOcean, LLC
    {8, kAnonymiser, 212238, {{{Address(45, 91, 40, 0), 22}, {Address(104, 249, 32, 0), 22}, {Address(104, 250, 192, 0), 21}}}},  // Amsterdam: Datacamp Limited
    {9, kResidential, 3301, {{{Address(2, 252, 0, 0), 18}, {Address(2, 254, 0, 0), 18}, {Address(2, 255, 0, 0), 18}}}},  // Stockholm: Telia Company AB
    {9, kMobile, 1257, {{{Address(91, 130, 128, 0), 18}, {Address(150, 227, 0, 0), 18}, {Address(156, 49, 0, 0), 18}}}},  // Stockholm: Tele2 Sverige AB
    {9, kAnonymiser, 39351, {{{Address(45, 85, 106, 0), 24}, {Address(151, 241, 171, 0), 24}, {Address(154, 43, 129, 0), 24}}}},  // Stockholm: 31173 Services AB
    {10, kResidential, 3352, {{{Address(80, 33, 128, 0), 18}, {Address(80, 37, 0, 0), 18}, {Address(176, 81, 0, 0), 18}}}},  // Madrid: TELEFONICA DE ESPANA S.A.U.
    {10, kResidential, 12479, {{{Address(62, 36, 128, 0), 18}, {Address(90, 106, 192, 0), 18}, {Address(107, 183, 160, 0), 19}}}},  // Madrid: Orange Espagne SA
    {11, kResidential, 5617, {{{Address(31, 62, 128, 0), 18}, {Address(31, 63, 128, 0), 18}, {Address(37, 108, 0, 0), 18}}}},  // Warsaw: Orange Polska Spolka Akcyjna
    {11, kMobile, 9141, {{{Address(84, 10, 80, 0), 20}, {Address(84, 10, 144, 0), 20}, {Address(87, 207, 0, 0), 20}}}},  // Warsaw: P4 Sp. z o.o.
    {12, kResidential, 34984, {{{Address(153, 56, 208, 0), 20}, {Address(176, 41, 64, 0), 20}, {Address(176, 41, 112, 0), 20}}}},  // Istanbul: Superonline Iletisim Hizmetleri A.S.
    {12, kResidential, 9121, {{{Address(81, 212, 196, 0), 22}, {Address(81, 212, 200, 0), 21}, {Address(81, 212, 208, 0), 20}}}},  // Istanbul: Turk Telekomunikasyon Anonim Sirketi
    {12, kMobile, 16135, {{{Address(176, 91, 0, 0), 19}, {Address(176, 91, 64, 0), 18}, {Address(176, 239, 0, 0), 18}}}},  // Istanbul: TURKCELL ILETISIM HIZMETLERI A.S.
    {13, kResidential, 8402, {{{Address(37, 147, 0, 0), 18}, {Address(37, 147, 64, 0), 18}, {Address(37, 147, 128, 0), 18}}}},  // Moscow: PJSC "Vimpelcom
    {13, kResidential, 12389, {{{Address(46, 172, 160, 0), 19}, {Address(178, 166, 176, 0), 20}, {Address(188, 133, 240, 0), 20}}}},  // Moscow: PJSC Rostelecom
    {13, kMobile, 31133, {{{Address(109, 188, 0, 0), 18}, {Address(178, 177, 64, 0), 18}, {Address(178, 177, 128, 0), 18}}}},  // Moscow: PJSC MegaFon
    {14, kResidential, 701, {{{Address(71, 240, 32, 0), 19}, {Address(100, 2, 64, 0), 20}, {Address(100, 33, 176, 0), 20}}}},  // New York: Verizon Business
    {14, kResidential, 12271, {{{Address(68, 173, 192, 0), 19}, {Address(98, 12, 64, 0), 18}, {Address(149, 89, 0, 0), 18}}}},  // New York: Charter Communications Inc
    {14, kResidential, 6128, {{{Address(107, 188, 32, 0), 19}, {Address(107, 188, 64, 0), 18}, {Address(148, 76, 192, 0), 19}}}},  // New York: Cablevision Systems Corp.
    {14, kMobile, 6167, {{{Address(166, 152, 0, 0), 18}, {Address(166, 156, 0, 0), 18}, {Address(166, 157, 128, 0), 18}}}},  // New York: Verizon Business
    {14, kAnonymiser, 9009, {{{Address(157, 254, 56, 0), 21}, {Address(157, 254, 64, 0), 20}, {Address(157, 254, 96, 0), 19}}}},  // New York: M247 Europe SRL
    {15, kResidential, 701, {{{Address(68, 236, 192, 0), 19}, {Address(70, 21, 224, 0), 19}, {Address(70, 111, 32, 0), 19}}}},  // Newark: Verizon Business
    {15, kResidential, 7922, {{{Address(174, 167, 224, 0), 19}, {Address(174, 173, 224, 0), 19}, {Address(184, 113, 192, 0), 18}}}},  // Newark: Comcast Cable Communications, LLC
    {15, kMobile, 22394, {{{Address(70, 200, 0, 0), 18}, {Address(70, 216, 0, 0), 18}, {Address(72, 112, 0, 0), 18}}}},  // Newark: Verizon Business
    {16, kHosting, 14618, {{{Address(3, 84, 0, 0), 18}, {Address(52, 200, 0, 0), 18}, {Address(98, 92, 0, 0), 18}}}},  // Ashburn: Amazon.com, Inc.
    {16, kHosting, 31898, {{{Address(129, 144, 0, 0), 18}, {Address(129, 158, 128, 0), 18}, {Address(129, 213, 0, 0), 18}}}},  // Ashburn: Oracle Corporation
    {16, kResidential, 7922, {{{Address(96, 103, 160, 0), 19}, {Address(96, 116, 64, 0), 19}, {Address(96, 117, 0, 0), 19}}}},  // Ashburn: Comcast Cable Communications, LLC
    {17, kResidential, 7922, {{{Address(67, 184, 32, 0), 20}, {Address(69, 242, 128, 0), 20}, {Address(69, 254, 224, 0), 19}}}},  // Chicago: Comcast Cable Communications, LLC
    {17, kMobile, 21928, {{{Address(100, 128, 0, 0), 18}, {Address(162, 160, 0, 0), 18}, {Address(162, 176, 0, 0), 18}}}},  // Chicago: T-Mobile USA, Inc.
    {18, kResidential, 20001, {{{Address(101, 60, 0, 0), 18}, {Address(101, 60, 128, 0), 18}, {Address(101, 60, 192, 0), 19}}}},  // Los Angeles: Charter Communications Inc
    {18, kResidential, 5650, {{{Address(47, 136, 160, 0), 19}, {Address(47, 137, 0, 0), 19}, {Address(47, 139, 0, 0), 18}}}},  // Los Angeles: Frontier Communications of America, Inc.
    {18, kMobile, 21928, {{{Address(75, 123, 0, 0), 18}, {Address(172, 56, 110, 0), 23}, {Address(172, 56, 138, 0), 24}}}},  // Los Angeles: T-Mobile USA, Inc.
    {18, kAnonymiser, 212238, {{{Address(103, 47, 52, 0), 22}, {Address(151, 247, 120, 0), 21}, {Address(158, 173, 4, 0), 23}}}},  // Los Angeles: Datacamp Limited
    {19, kResidential, 20001, {{{Address(76, 169, 160, 0), 20}, {Address(76, 174, 224, 0), 20}, {Address(172, 88, 240, 0), 20}}}},  // Anaheim: Charter Communications Inc
    {19, kResidential, 7018, {{{Address(104, 178, 52, 0), 22}, {Address(107, 131, 204, 0), 22}, {Address(107, 213, 224, 0), 22}}}},  // Anaheim: AT&T Enterprises, LLC
    {20, kResidential, 812, {{{Address(72, 137, 0, 0), 18}, {Address(72, 140, 0, 0), 18}, {Address(97, 108, 0, 0), 18}}}},  // Toronto: Rogers Communications Canada Inc.
    {20, kResidential, 577, {{{Address(70, 28, 192, 0), 19}, {Address(76, 70, 128, 0), 19}, {Address(76, 70, 192, 0), 19}}}},  // Toronto: Bell Canada
    {21, kResidential, 8151, {{{Address(189, 249, 0, 0), 18}, {Address(201, 100, 128, 0), 18}, {Address(201, 101, 128, 0), 18}}}},  // Mexico City: Uninet S.A. de C.V.
    {21, kMobile, 28469, {{{Address(8, 14, 224, 0), 19}, {Address(201, 149, 128, 0), 18}, {Address(201, 175, 152, 0), 21}}}},  // Mexico City: AT&T COMUNICACIONES DIGITALES S DE RL
    {22, kResidential, 28573, {{{Address(179, 212, 64, 0), 19}, {Address(181, 213, 160, 0), 19}, {Address(181, 213, 192, 0), 19}}}},  // São Paulo: Claro NXT Telecomunicacoes Ltda
    {22, kResidential, 27699, {{{Address(187, 11, 160, 0), 19}, {Address(189, 111, 128, 0), 19}, {Address(200, 204, 0, 0), 18}}}},  // São Paulo: TELEFONICA BRASIL S.A
    {22, kMobile, 26599, {{{Address(152, 241, 128, 0), 18}, {Address(179, 118, 0, 0), 18}, {Address(179, 169, 0, 0), 18}}}},  // São Paulo: TELEFONICA BRASIL S.A
    {22, kMobile, 26615, {{{Address(177, 150, 0, 0), 18}, {Address(186, 252, 0, 0), 18}, {Address(189, 64, 0, 0), 18}}}},  // São Paulo: TIM S/A
    {22, kHosting, 16509, {{{Address(15, 229, 0, 0), 18}, {Address(18, 228, 0, 0), 18}, {Address(18, 230, 0, 0), 18}}}},  // São Paulo: Amazon.com, Inc.
    {23, kResidential, 17676, {{{Address(111, 188, 18, 0), 24}, {Address(114, 51, 25, 0), 24}, {Address(126, 114, 233, 0), 24}}}},  // Tokyo: SoftBank Corp.
    {23, kResidential, 4713, {{{Address(114, 145, 216, 0), 24}, {Address(118, 10, 150, 0), 24}, {Address(118, 21, 67, 0), 24}}}},  // Tokyo: NTT Communications Corporation
    {23, kResidential, 2527, {{{Address(111, 216, 54, 0), 24}, {Address(116, 82, 241, 0), 24}, {Address(118, 238, 205, 0), 24}}}},  // Tokyo: Sony Network Communications Inc.
    {23, kMobile, 9605, {{{Address(1, 75, 73, 0), 24}, {Address(1, 75, 78, 0), 24}, {Address(1, 75, 90, 0), 24}}}},  // Tokyo: NTT DOCOMO, INC.
    {23, kResidential, 2516, {{{Address(106, 133, 24, 0), 24}, {Address(106, 133, 38, 0), 24}, {Address(106, 146, 1, 0), 24}}}},  // Tokyo: KDDI CORPORATION
    {24, kResidential, 17511, {{{Address(101, 143, 64, 0), 18}, {Address(112, 70, 128, 0), 18}, {Address(112, 71, 64, 0), 18}}}},  // Osaka: OPTAGE Inc.
    {24, kResidential, 4713, {{{Address(118, 23, 128, 0), 18}, {Address(153, 155, 128, 0), 18}, {Address(153, 228, 128, 0), 18}}}},  // Osaka: NTT Communications Corporation
    {24, kResidential, 2516, {{{Address(61, 204, 0, 0), 21}, {Address(111, 87, 68, 0), 22}, {Address(111, 108, 64, 0), 22}}}},  // Osaka: KDDI CORPORATION
    {25, kResidential, 9318, {{{Address(1, 234, 0, 0), 18}, {Address(1, 245, 128, 0), 18}, {Address(39, 114, 0, 0), 18}}}},  // Seoul: SK Broadband Co Ltd
    {25, kResidential, 4766, {{{Address(121, 129, 80, 0), 21}, {Address(175, 192, 240, 0), 21}, {Address(203, 229, 128, 0), 21}}}},  // Seoul: Korea Telecom
    {25, kMobile, 9644, {{{Address(42, 28, 0, 0), 18}, {Address(42, 32, 0, 0), 18}, {Address(42, 44, 0, 0), 18}}}},  // Seoul: SK Telecom
    {26, kResidential, 4808, {{{Address(60, 206, 0, 0), 18}, {Address(115, 183, 0, 0), 18}, {Address(117, 50, 0, 0), 18}}}},  // Beijing: China Unicom Beijing Province Network
    {26, kMobile, 9808, {{{Address(54, 222, 46, 0), 23}, {Address(103, 253, 232, 0), 22}, {Address(211, 148, 224, 0), 19}}}},  // Beijing: China Mobile
    {26, kHosting, 37963, {{{Address(8, 140, 0, 0), 18}, {Address(8, 144, 0, 0), 18}, {Address(39, 104, 0, 0), 18}}}},  // Beijing: Hangzhou Alibaba Advertising Co.,Ltd.
    {27, kResidential, 4812, {{{Address(101, 80, 0, 0), 18}, {Address(101, 84, 0, 0), 18}, {Address(114, 90, 0, 0), 18}}}},  // Shanghai: China Telecom (Group)
    {27, kResidential, 17621, {{{Address(27, 115, 0, 0), 19}, {Address(112, 65, 0, 0), 19}, {Address(220, 196, 128, 0), 19}}}},  // Shanghai: China Unicom Shanghai network
    {27, kMobile, 24400, {{{Address(117, 131, 32, 0), 19}, {Address(117, 131, 64, 0), 18}, {Address(117, 186, 64, 0), 18}}}},  // Shanghai: China Mobile
    {27, kHosting, 45090, {{{Address(1, 15, 0, 0), 18}, {Address(1, 116, 0, 0), 18}, {Address(49, 234, 0, 0), 18}}}},  // Shanghai: Shenzhen Tencent Computer Systems Company Limited
    {28, kResidential, 4134, {{{Address(36, 30, 0, 0), 18}, {Address(115, 196, 0, 0), 18}, {Address(115, 199, 0, 0), 18}}}},  // Hangzhou: Chinanet
    {28, kResidential, 4837, {{{Address(101, 64, 0, 0), 18}, {Address(101, 66, 0, 0), 18}, {Address(123, 148, 0, 0), 18}}}},  // Hangzhou: CHINA UNICOM China169 Backbone
    {28, kMobile, 56041, {{{Address(39, 180, 0, 0), 18}, {Address(112, 11, 0, 0), 18}, {Address(112, 13, 0, 0), 18}}}},  // Hangzhou: China Mobile Communications Corporation
    {28, kHosting, 37963, {{{Address(47, 96, 0, 0), 18}, {Address(47, 110, 0, 0), 18}, {Address(101, 37, 0, 0), 18}}}},  // Hangzhou: Hangzhou Alibaba Advertising Co.,Ltd.
    {29, kResidential, 4134, {{{Address(14, 114, 0, 0), 18}, {Address(14, 156, 0, 0), 18}, {Address(14, 208, 0, 0), 18}}}},  // Guangzhou: Chinanet
    {29, kMobile, 9808, {{{Address(36, 172, 0, 0), 18}, {Address(36, 176, 0, 0), 18}, {Address(36, 184, 0, 0), 18}}}},  // Guangzhou: China Mobile
    {30, kResidential, 4134, {{{Address(58, 61, 144, 0), 22}, {Address(125, 94, 88, 0), 21}, {Address(125, 94, 104, 0), 22}}}},  // Shenzhen: Chinanet
    {30, kResidential, 134774, {{{Address(14, 26, 32, 0), 19}, {Address(113, 84, 96, 0), 19}, {Address(113, 84, 160, 0), 19}}}},  // Shenzhen: CHINANET Guangdong province Shenzhen MAN network
    {30, kResidential, 17623, {{{Address(106, 3, 228, 0), 22}, {Address(115, 174, 0, 0), 18}, {Address(120, 81, 138, 0), 23}}}},  // Shenzhen: China Unicom Shenzen network
    {31, kResidential, 4134, {{{Address(110, 190, 0, 0), 18}, {Address(118, 115, 0, 0), 18}, {Address(118, 119, 0, 0), 18}}}},  // Chengdu: Chinanet
    {31, kResidential, 4837, {{{Address(101, 204, 0, 0), 18}, {Address(101, 206, 0, 0), 18}, {Address(112, 192, 0, 0), 18}}}},  // Chengdu: CHINA UNICOM China169 Backbone
    {32, kResidential, 4134, {{{Address(106, 57, 0, 0), 18}, {Address(106, 58, 0, 0), 18}, {Address(106, 59, 0, 0), 18}}}},  // Kunming: Chinanet
    {32, kResidential, 4837, {{{Address(14, 204, 0, 0), 18}, {Address(14, 205, 128, 0), 18}, {Address(119, 62, 0, 0), 18}}}},  // Kunming: CHINA UNICOM China169 Backbone
    {33, kResidential, 4760, {{{Address(1, 65, 0, 0), 18}, {Address(1, 65, 192, 0), 21}, {Address(1, 65, 224, 0), 19}}}},  // Hong Kong: PCCW IMS Limited
    {33, kResidential, 9304, {{{Address(203, 184, 160, 0), 20}, {Address(203, 184, 224, 0), 19}, {Address(210, 0, 128, 0), 20}}}},  // Hong Kong: HGC Global Communications Limited
    {33, kHosting, 45102, {{{Address(43, 90, 0, 0), 18}, {Address(43, 100, 0, 0), 18}, {Address(43, 103, 0, 0), 18}}}},  // Hong Kong: Alibaba (US) Technology Co., Ltd.
    {33, kAnonymiser, 9009, {{{Address(38, 180, 94, 0), 23}, {Address(38, 180, 188, 0), 23}, {Address(85, 121, 244, 0), 23}}}},  // Hong Kong: M247 Europe SRL
    {34, kResidential, 3758, {{{Address(111, 65, 112, 0), 20}, {Address(151, 192, 0, 0), 19}, {Address(165, 21, 160, 0), 20}}}},  // Singapore: SingNet Pte Ltd
    {34, kResidential, 55430, {{{Address(116, 86, 232, 0), 21}, {Address(116, 88, 240, 0), 20}, {Address(202, 156, 176, 0), 20}}}},  // Singapore: Starhub Internet Pte Ltd
    {34, kMobile, 4773, {{{Address(27, 104, 0, 0), 18}, {Address(49, 245, 128, 0), 18}, {Address(175, 156, 0, 0), 18}}}},  // Singapore: M1 LIMITED
    {34, kHosting, 14061, {{{Address(128, 199, 64, 0), 18}, {Address(128, 199, 128, 0), 18}, {Address(139, 59, 96, 0), 19}}}},  // Singapore: DigitalOcean, LLC
    {34, kAnonymiser, 212238, {{{Address(104, 233, 32, 0), 20}, {Address(138, 199, 60, 0), 23}, {Address(149, 34, 254, 0), 23}}}},  // Singapore: Datacamp Limited
    {35, kResidential, 17488, {{{Address(115, 98, 112, 0), 20}, {Address(115, 98, 128, 0), 20}, {Address(116, 73, 0, 0), 19}}}},  // Mumbai: HATHWAY CABLE AND DATACOM LIMITED
    {35, kResidential, 24560, {{{Address(106, 201, 88, 0), 21}, {Address(110, 226, 128, 0), 21}, {Address(122, 169, 96, 0), 21}}}},  // Mumbai: Bharti Airtel Limited
    {35, kMobile, 55836, {{{Address(23, 55, 16, 0), 20}, {Address(23, 63, 216, 0), 21}, {Address(49, 32, 64, 0), 20}}}},  // Mumbai: Reliance Jio Infocomm Limited
    {35, kMobile, 45609, {{{Address(106, 195, 160, 0), 19}, {Address(106, 195, 192, 0), 18}, {Address(223, 179, 0, 0), 18}}}},  // Mumbai: Bharti Airtel Limited
    {36, kResidential, 5384, {{{Address(5, 192, 64, 0), 18}, {Address(5, 192, 224, 0), 19}, {Address(37, 245, 96, 0), 19}}}},  // Dubai: EMIRATES TELECOMMUNICATIONS GROUP COMPANY (ETISALAT GROUP) PJSC
    {36, kResidential, 15802, {{{Address(5, 31, 112, 0), 20}, {Address(5, 32, 0, 0), 20}, {Address(91, 75, 208, 0), 20}}}},  // Dubai: Emirates Integrated Telecommunications Company PJSC
    {37, kMobile, 29465, {{{Address(102, 88, 192, 0), 18}, {Address(102, 89, 128, 0), 18}, {Address(102, 92, 128, 0), 18}}}},  // Lagos: MTN NIGERIA Communication limited
    {37, kMobile, 36873, {{{Address(105, 114, 128, 0), 18}, {Address(105, 115, 128, 0), 18}, {Address(105, 116, 128, 0), 18}}}},  // Lagos: Airtel Networks Limited
    {38, kMobile, 33771, {{{Address(105, 162, 0, 0), 18}, {Address(105, 166, 0, 0), 18}, {Address(196, 99, 0, 0), 18}}}},  // Nairobi: Safaricom Limited
    {38, kResidential, 15399, {{{Address(102, 140, 236, 0), 22}, {Address(102, 140, 240, 0), 22}, {Address(102, 140, 248, 0), 22}}}},  // Nairobi: Wananchi Group (K) LTD
    {39, kResidential, 37457, {{{Address(105, 224, 112, 0), 22}, {Address(105, 224, 132, 0), 22}, {Address(105, 224, 212, 0), 22}}}},  // Johannesburg: Telkom SA Ltd.
    {39, kMobile, 29975, {{{Address(41, 1, 75, 0), 24}, {Address(41, 13, 2, 0), 24}, {Address(41, 18, 135, 0), 24}}}},  // Johannesburg: Vodacom
    {40, kResidential, 1221, {{{Address(1, 129, 128, 0), 18}, {Address(1, 130, 128, 0), 18}, {Address(60, 228, 0, 0), 18}}}},  // Sydney: Telstra Limited
    {40, kResidential, 7545, {{{Address(106, 69, 96, 0), 21}, {Address(114, 198, 32, 0), 21}, {Address(121, 45, 216, 0), 21}}}},  // Sydney: TPG Internet Pty Ltd
    {40, kResidential, 4804, {{{Address(49, 178, 240, 0), 20}, {Address(49, 179, 16, 0), 20}, {Address(49, 179, 240, 0), 20}}}},  // Sydney: SingTel Optus Pty Ltd
    {40, kHosting, 16509, {{{Address(3, 26, 0, 0), 18}, {Address(15, 134, 0, 0), 18}, {Address(16, 178, 0, 0), 18}}}},  // Sydney: Amazon.com, Inc.
    {41, kResidential, 9500, {{{Address(118, 93, 96, 0), 20}, {Address(121, 90, 64, 0), 19}, {Address(203, 173, 224, 0), 19}}}},  // Auckland: One New Zealand Group Limited
    {41, kMobile, 9790, {{{Address(118, 148, 208, 0), 20}, {Address(118, 148, 224, 0), 19}, {Address(118, 149, 112, 0), 20}}}},  // Auckland: Two Degrees Mobile Limited
    {41, kResidential, 4771, {{{Address(115, 189, 0, 0), 20}, {Address(115, 189, 32, 0), 20}, {Address(115, 189, 160, 0), 19}}}},  // Auckland: Spark New Zealand Trading Limited
};
// clang-format on

}  // namespace

std::span<const City> Cities() { return kCities; }
std::span<const Network> Networks() { return kNetworks; }

}  // namespace tocsin::daemon::generate
