// The only file that knows libmaxminddb. The library checks bounds when it decodes; here every answer of it
// is still taken for what a stranger says: types, ranges and encodings are checked before a value goes on.
#include "daemon/enrich/geoip_database.h"

#include <arpa/inet.h>
#include <maxminddb.h>
#include <netinet/in.h>

#include <array>
#include <cctype>
#include <cmath>
#include <cstring>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "daemon/enrich/private_copy.h"

namespace tocsin::daemon {
namespace {

using schemas::Missing;
using schemas::Place;
using schemas::Precision;

constexpr std::string_view kMendHint = "; the file is not whole, download it again";
// Records decoded when a file is opened: enough to know its layout and that its data section is there.
constexpr uint64_t kSamplesMax = 2048;
constexpr size_t kNameBytesMax = 120;
// A country without coordinates can be anywhere on it: half the circumference of the earth says so.
constexpr double kAnywhereKm = 20015;

using Path = std::initializer_list<const char*>;

MMDB_entry_data_s Value(const MMDB_s& database, uint32_t record, Path path) {
  std::array<const char*, 8> elements{};
  size_t count = 0;
  for (const char* element : path) elements[count++] = element;
  elements[count] = nullptr;
  MMDB_entry_s entry{.mmdb = &database, .offset = record};
  MMDB_entry_data_s value{};
  if (MMDB_aget_value(&entry, &value, elements.data()) != MMDB_SUCCESS) value.has_data = false;
  return value;
}

bool IsMap(const MMDB_s& database, uint32_t record) {
  const MMDB_entry_data_s value = Value(database, record, {});
  return value.has_data && value.type == MMDB_DATA_TYPE_MAP;
}

std::string_view Text(const MMDB_entry_data_s& value) {
  if (!value.has_data || value.type != MMDB_DATA_TYPE_UTF8_STRING) return {};
  const std::string_view text(value.utf8_string, value.data_size);
  return text.size() <= kNameBytesMax && IsUtf8(text) ? text : std::string_view{};
}

std::optional<double> Number(const MMDB_entry_data_s& value) {
  if (!value.has_data) return std::nullopt;
  double number = 0;
  switch (value.type) {
    case MMDB_DATA_TYPE_DOUBLE:
      number = value.double_value;
      break;
    case MMDB_DATA_TYPE_FLOAT:
      number = static_cast<double>(value.float_value);
      break;
    case MMDB_DATA_TYPE_UINT16:
      number = value.uint16;
      break;
    case MMDB_DATA_TYPE_UINT32:
      number = value.uint32;
      break;
    case MMDB_DATA_TYPE_INT32:
      number = value.int32;
      break;
    default:
      return std::nullopt;
  }
  if (!std::isfinite(number)) return std::nullopt;
  return number;
}

bool Flag(const MMDB_s& database, uint32_t record, const char* name) {
  const MMDB_entry_data_s value = Value(database, record, {name});
  return value.has_data && value.type == MMDB_DATA_TYPE_BOOLEAN && value.boolean;
}

bool IsCountryCode(std::string_view code) {
  return code.size() == 2 && code[0] >= 'A' && code[0] <= 'Z' && code[1] >= 'A' && code[1] <= 'Z' &&
         code != "ZZ";
}

// "Fengtai (Fengtai Qu)" is the city Fengtai: the flat layout writes the district behind it.
std::string_view WithoutDistrict(std::string_view city) {
  const size_t bracket = city.find(" (");
  return bracket == std::string_view::npos || bracket == 0 ? city : city.substr(0, bracket);
}

// Where no radius is given it follows from how much is known.
void SetPrecision(bool located, std::optional<double> radius_km, Place& out) {
  out.precision = !located              ? Precision::kCountry
                  : !out.city.empty()   ? Precision::kCity
                  : !out.region.empty() ? Precision::kRegion
                                        : Precision::kCountry;
  if (!located) {
    out.point = {};
    out.radius_km = kAnywhereKm;
  } else if (radius_km && *radius_km > 0 && *radius_km < kAnywhereKm) {
    out.radius_km = *radius_km;
  } else {
    out.radius_km = out.precision == Precision::kCity ? 25 : out.precision == Precision::kRegion ? 100 : 500;
  }
}

std::optional<GeoPoint> PointAt(const MMDB_entry_data_s& latitude, const MMDB_entry_data_s& longitude) {
  const std::optional<double> north = Number(latitude);
  const std::optional<double> east = Number(longitude);
  if (!north || !east || std::abs(*north) > 90 || std::abs(*east) > 180) return std::nullopt;
  return GeoPoint{.latitude = *north, .longitude = *east};
}

// The layout of one record; nullopt when it is none we know.
std::optional<GeoipDatabase::Kind> KindOfRecord(const MMDB_s& database, uint32_t record) {
  const auto has = [&](const char* name) { return Value(database, record, {name}).has_data; };
  if (has("autonomous_system_number")) return GeoipDatabase::Kind::kAsn;
  if (has("country_code")) return GeoipDatabase::Kind::kFlatCity;
  if (has("country") || has("location") || has("registered_country")) return GeoipDatabase::Kind::kCity;
  for (const char* flag : {"is_anonymous", "is_anonymous_vpn", "is_tor_exit_node", "is_hosting_provider",
                           "is_public_proxy", "is_residential_proxy"}) {
    if (has(flag)) return GeoipDatabase::Kind::kAnonymousIp;
  }
  return std::nullopt;
}

}  // namespace

struct GeoipDatabase::Handle {
  MMDB_s database{};
  bool open = false;
  ~Handle() {
    if (open) MMDB_close(&database);
  }
};

GeoipDatabase::GeoipDatabase() : handle_(std::make_unique<Handle>()) {}
GeoipDatabase::~GeoipDatabase() = default;

Result<std::shared_ptr<const GeoipDatabase>> GeoipDatabase::Open(const std::string& path) {
  std::shared_ptr<GeoipDatabase> database(new GeoipDatabase);
  if (const Result<Done> loaded = database->Load(path); !loaded) return loaded.error();
  if (const Result<Done> valid = database->Validate(); !valid) return valid.error();
  return std::shared_ptr<const GeoipDatabase>(std::move(database));
}

Result<Done> GeoipDatabase::Load(const std::string& path) {
  path_ = path;
  const Result<PrivateCopy> copy = PrivateCopy::Of(path);
  if (!copy) return copy.error();
  size_ = copy->stamp().size;
  // The library maps the copy; the mapping outlives the descriptor.
  MMDB_s& database = handle_->database;
  if (size_ == 0) return Error{ErrorCode::kCorrupt, path, "empty" + std::string(kMendHint)};
  if (const int status = MMDB_open(copy->name().c_str(), MMDB_MODE_MMAP, &database); status != MMDB_SUCCESS) {
    return Error{
        ErrorCode::kCorrupt, path,
        "not a MaxMind DB file (" + std::string(MMDB_strerror(status)) + ")" + std::string(kMendHint)};
  }
  handle_->open = true;
  const MMDB_metadata_s& metadata = database.metadata;
  if (metadata.binary_format_major_version != 2) {
    return Error{ErrorCode::kInvalid, path,
                 "version " + std::to_string(metadata.binary_format_major_version) +
                     " of the MaxMind DB format; this program reads version 2"};
  }
  const std::string_view type = metadata.database_type == nullptr ? "" : metadata.database_type;
  type_ = IsUtf8(type) && type.size() <= kNameBytesMax ? std::string(type) : std::string();
  built_at_ = static_cast<int64_t>(metadata.build_epoch & INT64_MAX);
  ip_version_ = metadata.ip_version;
  return Done{};
}

Result<Done> GeoipDatabase::Validate() {
  const MMDB_s& database = handle_->database;
  const uint32_t node_count = database.metadata.node_count;
  const Error broken{ErrorCode::kCorrupt, path_, "the search tree is broken" + std::string(kMendHint)};

  // Every node is read, so that no look-up meets a broken one later; data records are sampled evenly, because
  // decoding all of a large file would take seconds.
  const uint64_t stride = 1 + uint64_t{2} * node_count / kSamplesMax;
  uint64_t until_sample = 0;
  std::array<uint64_t, 4> of_kind{};
  uint64_t samples = 0;
  for (uint32_t number = 0; number < node_count; ++number) {
    MMDB_search_node_s node{};
    if (MMDB_read_node(&database, number, &node) != MMDB_SUCCESS) return broken;
    const std::array<std::pair<uint8_t, uint32_t>, 2> records{
        {{node.left_record_type, node.left_record_entry.offset},
         {node.right_record_type, node.right_record_entry.offset}}};
    for (const auto& [type, offset] : records) {
      if (until_sample > 0) --until_sample;
      if (type != MMDB_RECORD_TYPE_DATA || until_sample > 0) continue;
      until_sample = stride;
      ++samples;
      if (!IsMap(database, offset)) {
        return Error{ErrorCode::kCorrupt, path_, "a record cannot be read" + std::string(kMendHint)};
      }
      if (const std::optional<Kind> kind = KindOfRecord(database, offset))
        ++of_kind[static_cast<size_t>(*kind)];
    }
  }
  size_t best = 0;
  for (size_t kind = 1; kind < of_kind.size(); ++kind) {
    if (of_kind[kind] > of_kind[best]) best = kind;
  }
  // A single broken name must not decide: nearly all records have to agree.
  if (samples == 0 || of_kind[best] * 10 < samples * 8) {
    return Error{ErrorCode::kInvalid, path_,
                 "a MaxMind DB file of a layout this program does not read" +
                     (type_.empty() ? std::string() : " (\"" + type_ + "\")") +
                     "; it reads City, ASN and Anonymous-IP databases and the flat DB-IP city layout"};
  }
  kind_ = static_cast<Kind>(best);
  return Done{};
}

std::optional<uint32_t> GeoipDatabase::Find(const IpAddress& address) const {
  MMDB_lookup_result_s result{};
  int status = MMDB_SUCCESS;
  if (address.is_v4()) {
    sockaddr_in target{};
    target.sin_family = AF_INET;
    target.sin_addr.s_addr = htonl(address.v4());
    result = MMDB_lookup_sockaddr(&handle_->database, reinterpret_cast<const sockaddr*>(&target), &status);
  } else {
    if (ip_version_ != 6) return std::nullopt;
    sockaddr_in6 target{};
    target.sin6_family = AF_INET6;
    std::memcpy(&target.sin6_addr, address.bytes().data(), address.bytes().size());
    result = MMDB_lookup_sockaddr(&handle_->database, reinterpret_cast<const sockaddr*>(&target), &status);
  }
  if (status != MMDB_SUCCESS || !result.found_entry) return std::nullopt;
  return result.entry.offset;
}

bool GeoipDatabase::ReadPlace(uint32_t record, Place& out) const {
  const MMDB_s& database = handle_->database;
  const auto value = [&](Path path) { return Value(database, record, path); };
  const bool flat = kind_ == Kind::kFlatCity;

  std::string_view country = Text(flat ? value({"country_code"}) : value({"country", "iso_code"}));
  // MaxMind leaves "country" out for some satellite and proxy networks and says only where they are
  // registered.
  if (!flat && country.empty()) country = Text(value({"registered_country", "iso_code"}));
  if (!IsCountryCode(country)) return false;
  out.country.assign(country);

  std::optional<GeoPoint> point;
  std::optional<double> radius_km;
  if (flat) {
    out.region.assign(Text(value({"state1"})));
    out.city.assign(WithoutDistrict(Text(value({"city"}))));
    point = PointAt(value({"latitude"}), value({"longitude"}));
  } else {
    std::string_view region = Text(value({"subdivisions", "0", "names", "en"}));
    if (region.empty()) region = Text(value({"subdivisions", "0", "iso_code"}));
    out.region.assign(region);
    out.city.assign(Text(value({"city", "names", "en"})));
    point = PointAt(value({"location", "latitude"}), value({"location", "longitude"}));
    radius_km = Number(value({"location", "accuracy_radius"}));
  }
  if (point) out.point = *point;
  SetPrecision(point.has_value(), radius_km, out);
  out.missing = Missing::kNo;
  return true;
}

bool GeoipDatabase::ReadSystem(uint32_t record, uint32_t& asn, std::string& organization) const {
  const MMDB_s& database = handle_->database;
  const MMDB_entry_data_s number = Value(database, record, {"autonomous_system_number"});
  uint32_t value = 0;
  if (number.has_data && number.type == MMDB_DATA_TYPE_UINT32) value = number.uint32;
  if (number.has_data && number.type == MMDB_DATA_TYPE_UINT16) value = number.uint16;
  if (value == 0) return false;
  asn = value;
  organization.assign(Text(Value(database, record, {"autonomous_system_organization"})));
  return true;
}

bool GeoipDatabase::ReadAnonymity(uint32_t record, AnonymityFlags& out) const {
  const MMDB_s& database = handle_->database;
  if (!IsMap(database, record)) return false;
  AnonymityFlags flags;
  flags.tor = Flag(database, record, "is_tor_exit_node");
  flags.vpn = Flag(database, record, "is_anonymous_vpn");
  flags.public_proxy = Flag(database, record, "is_public_proxy");
  flags.residential_proxy = Flag(database, record, "is_residential_proxy");
  flags.hosting = Flag(database, record, "is_hosting_provider");
  const bool told = flags.tor || flags.vpn || flags.public_proxy || flags.residential_proxy || flags.hosting;
  flags.anonymous = !told && Flag(database, record, "is_anonymous");
  if (!told && !flags.anonymous) return false;
  out = flags;
  return true;
}

}  // namespace tocsin::daemon
