// Well-known autonomous systems by what their customers are. Facts of public registries (RouteViews, the five
// RIRs, the operators' own pages), chosen by size; a system that is not here is judged by its name
// (network_words.cc).
#include "daemon/enrich/network_class.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace tocsin::daemon {
namespace {

using schemas::Anonymiser;
using schemas::NetworkClass;

// Each list is sorted, for std::binary_search.
// Mobile carriers.
constexpr uint32_t kMobile[] = {
    1257,  3651,  4773,  4818,  6167,   6805,   8374,   9141,   9231,   9605,   9644,   9674,   9790,
    9808,  10030, 10139, 10507, 12091,  12576,  12638,  12912,  12958,  15378,  15895,  15897,  16086,
    16135, 16299, 16345, 16637, 17421,  17853,  17924,  17993,  20057,  20978,  21497,  21928,  22085,
    22394, 23655, 23693, 24157, 24158,  24203,  24378,  24400,  24444,  24445,  24547,  24608,  24835,
    25135, 25159, 26599, 26611, 26615,  28403,  28469,  29355,  29465,  29614,  29975,  30873,  30986,
    31133, 31615, 33771, 34058, 35228,  35819,  36873,  36926,  36974,  36992,  36994,  37075,  37076,
    37148, 37168, 37287, 37693, 38019,  38266,  38442,  38800,  39603,  43766,  44034,  44244,  45143,
    45271, 45355, 45609, 45727, 50810,  51207,  55410,  55831,  55836,  56040,  56041,  56042,  56044,
    56046, 56047, 56048, 58807, 131429, 131445, 132061, 133612, 134810, 137872, 138384, 197207, 206067,
};
// Providers of homes: cable, fibre, DSL. Several also carry mobile phones; homes are the larger part.
constexpr uint32_t kResidential[] = {
    209,   577,   701,   719,   812,   852,   855,   1136,  1221,  1267,   1680,   1759,   2116,   2119,
    2516,  2518,  2519,  2527,  2764,  2856,  2860,  3209,  3215,  3216,   3243,   3269,   3292,   3301,
    3303,  3308,  3320,  3352,  3462,  3737,  3758,  3786,  4134,  4230,   4657,   4685,   4713,   4725,
    4739,  4760,  4761,  4764,  4766,  4771,  4775,  4780,  4788,  4804,   4808,   4811,   4812,   4837,
    4847,  5089,  5378,  5384,  5391,  5410,  5432,  5466,  5607,  5610,   5617,   5645,   5650,   5713,
    5769,  6079,  6128,  6327,  6389,  6535,  6713,  6730,  6739,  6799,   6830,   6848,   6849,   6871,
    7018,  7029,  7303,  7418,  7545,  7552,  7679,  7713,  7738,  7922,   7992,   8048,   8151,   8167,
    8359,  8402,  8422,  8447,  8452,  8473,  8551,  8708,  8767,  8866,   8881,   9049,   9050,   9121,
    9145,  9241,  9269,  9299,  9304,  9318,  9416,  9443,  9498,  9500,   9506,   9595,   9617,   9824,
    9829,  9908,  9930,  10013, 10036, 10429, 10620, 10796, 11351, 11426,  11427,  11664,  11776,  12083,
    12271, 12322, 12353, 12389, 12430, 12479, 12714, 12741, 12849, 12874,  13037,  13127,  13285,  13999,
    14754, 15399, 15557, 15802, 17429, 17488, 17506, 17511, 17552, 17621,  17622,  17623,  17676,  17816,
    17858, 17962, 18403, 18881, 19108, 19429, 19901, 20001, 20115, 20676,  20845,  21334,  22047,  22773,
    22927, 23201, 23700, 23969, 24139, 24309, 24560, 24863, 25019, 25513,  27699,  28548,  28573,  29518,
    29695, 30722, 31012, 31334, 33363, 33915, 34984, 35432, 36884, 36947,  37457,  37492,  37611,  37705,
    39651, 45758, 45899, 47331, 47377, 50266, 50436, 55430, 57269, 134765, 134766, 134774, 136199, 140345,
};
// Research and education networks, and the exits of company networks.
constexpr uint32_t kBusiness[] = {
    3,    56,   81,   137,  158,  237,   270,   306,   367,   378,   513,   553,   559,   680,   714,
    721,  749,  766,  786,  1101, 1103,  1213,  1226,  1540,  1653,  1916,  2018,  2152,  2200,  2611,
    2852, 2907, 4538, 7575, 7660, 11537, 12816, 17579, 20965, 22616, 24390, 32934, 53813, 62044,
};
// Clouds, data centres and content networks: people do not log in from there, programs do.
constexpr uint32_t kHosting[] = {
    6724,   7506,   7684,   7979,   8068,   8070,   8075,   8100,   8560,   8972,   8987,   9123,
    9312,   9370,   9371,   11878,  12876,  13335,  14061,  14340,  14618,  15169,  15830,  16276,
    16509,  16625,  17378,  17561,  19527,  19994,  20473,  20857,  20940,  21100,  21859,  24940,
    25820,  26347,  26496,  27357,  28753,  29066,  29447,  30633,  31034,  31898,  32244,  33070,
    34665,  35916,  36351,  36352,  37963,  38365,  40065,  40676,  42831,  42926,  43350,  44901,
    45090,  45102,  46562,  46606,  47583,  48090,  49505,  49981,  50673,  51167,  52393,  53667,
    54113,  54253,  54825,  55286,  55990,  58065,  59253,  60558,  60781,  61317,  62240,  62567,
    63949,  64286,  132203, 135377, 136907, 137718, 150436, 197540, 197695, 199524, 200350, 200651,
    202053, 203020, 204957, 206092, 207990, 210558, 213230, 395954, 396982, 398101,
};
// Satellite access.
constexpr uint32_t kSatellite[] = {
    800, 6621, 7155, 14593, 22351, 27277, 31515, 40306, 40311,
};
// Networks whose addresses are mostly exits of VPN services.
constexpr uint32_t kVpn[] = {
    9009, 39351, 60068, 62371, 136787, 141039, 147049, 199218, 207137, 209103, 212238,
};
// Run Tor exits.
constexpr uint32_t kTor[] = {
    4224, 60729, 62744, 205100, 208323, 396507,
};
// Exits of a privacy relay.
constexpr uint32_t kRelay[] = {
    36183,
};

template <size_t N>
constexpr bool IsSorted(const uint32_t (&list)[N]) {
  return std::is_sorted(std::begin(list), std::end(list));
}
static_assert(IsSorted(kMobile) && IsSorted(kResidential) && IsSorted(kBusiness) && IsSorted(kHosting) &&
              IsSorted(kSatellite) && IsSorted(kVpn) && IsSorted(kTor) && IsSorted(kRelay));

template <size_t N>
bool Holds(const uint32_t (&list)[N], uint32_t asn) {
  return std::binary_search(std::begin(list), std::end(list), asn);
}

}  // namespace

NetworkVerdict ClassOfKnownSystem(uint32_t asn) {
  if (Holds(kTor, asn)) return {NetworkClass::kAnonymiser, Anonymiser::kTor, "asn:tor operator"};
  if (Holds(kVpn, asn)) return {NetworkClass::kAnonymiser, Anonymiser::kVpn, "asn:vpn provider"};
  if (Holds(kRelay, asn)) return {NetworkClass::kAnonymiser, Anonymiser::kRelay, "asn:relay"};
  if (Holds(kHosting, asn)) return {NetworkClass::kHosting, Anonymiser::kNone, "asn:hosting"};
  if (Holds(kSatellite, asn)) return {NetworkClass::kSatellite, Anonymiser::kNone, "asn:satellite"};
  if (Holds(kMobile, asn)) return {NetworkClass::kMobile, Anonymiser::kNone, "asn:mobile carrier"};
  if (Holds(kResidential, asn)) return {NetworkClass::kResidential, Anonymiser::kNone, "asn:access provider"};
  if (Holds(kBusiness, asn)) return {NetworkClass::kBusiness, Anonymiser::kNone, "asn:institution"};
  return {};
}

}  // namespace tocsin::daemon
