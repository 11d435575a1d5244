#include "daemon/enrich/databases.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <utility>

#include "base/hash.h"
#include "daemon/enrich/private_copy.h"

namespace tocsin::daemon {
namespace {

constexpr uint64_t kListBytesMax = uint64_t{64} << 20;

bool IsCsv(const std::string& path) { return path.ends_with(".csv"); }

std::string DateOf(int64_t unix_seconds) {
  const std::chrono::year_month_day day{
      std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds(std::chrono::seconds(unix_seconds)))};
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(day.year()),
                static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
  return text.data();
}

const char* NameOf(GeoipDatabase::Kind kind) {
  switch (kind) {
    case GeoipDatabase::Kind::kCity:
    case GeoipDatabase::Kind::kFlatCity:
      return "a city database";
    case GeoipDatabase::Kind::kAsn:
      return "an ASN database";
    case GeoipDatabase::Kind::kAnonymousIp:
      return "an Anonymous-IP database";
  }
  return "";
}

}  // namespace

std::vector<std::string> DatabasePaths::AllFiles() const {
  std::vector<std::string> files = city;
  files.insert(files.end(), asn.begin(), asn.end());
  if (!anonymity.empty()) files.push_back(anonymity);
  for (const auto& [kind, paths] : lists) files.insert(files.end(), paths.begin(), paths.end());
  return files;
}

class DatabaseLoader {
 public:
  explicit DatabaseLoader(const DatabasePaths& paths) : paths_(paths) {}

  Result<std::shared_ptr<const Databases>> Load() {
    // A file that is not there is found before the large ones are read.
    for (const std::string& path : paths_.AllFiles()) {
      if (const Result<FileStamp> stamp = StampOf(path); !stamp) return stamp.error();
    }
    for (const auto load : {&DatabaseLoader::LoadCity, &DatabaseLoader::LoadAsn,
                            &DatabaseLoader::LoadAnonymity, &DatabaseLoader::LoadLists}) {
      if (const Result<Done> loaded = (this->*load)(); !loaded) return loaded.error();
    }
    if (!made_->infos_.empty()) {
      const std::string hash = ToHex(identity_.Finish()).substr(0, 12);
      made_->version_ = newest_ == 0 ? hash : DateOf(newest_) + "/" + hash;
    }
    return std::shared_ptr<const Databases>(std::move(made_));
  }

 private:
  using Kind = GeoipDatabase::Kind;

  Result<std::shared_ptr<const GeoipDatabase>> Open(const std::string& path, const char* role) {
    Result<std::shared_ptr<const GeoipDatabase>> opened = GeoipDatabase::Open(path);
    if (!opened) return opened;
    const GeoipDatabase& database = **opened;
    const bool is_city = database.kind() == Kind::kCity || database.kind() == Kind::kFlatCity;
    const std::string_view wanted = role;
    const bool fits = wanted == "city"  ? is_city
                      : wanted == "asn" ? database.kind() == Kind::kAsn
                                        : database.kind() == Kind::kAnonymousIp;
    if (!fits) {
      return Error{
          ErrorCode::kInvalid, path,
          std::string("this is ") + NameOf(database.kind()) + ", but it is configured as geoip." + role};
    }
    made_->infos_.push_back(
        {role, path, database.type(), database.built_at_seconds(), database.size_bytes()});
    newest_ = std::max(newest_, database.built_at_seconds());
    identity_.Add(role).Add(database.type()).Add(database.built_at_seconds());
    identity_.Add(static_cast<int64_t>(database.size_bytes()));
    return opened;
  }

  Result<Done> LoadCity() {
    constexpr size_t kFilesMax = 16;
    if (paths_.city.size() > kFilesMax) {
      return Error{ErrorCode::kInvalid, "geoip.city", "more than " + std::to_string(kFilesMax) + " files"};
    }
    for (const std::string& path : paths_.city) {
      const auto opened = Open(path, "city");
      if (!opened) return opened.error();
      // A file of one family is asked first for it: a tree that also holds the other is then not walked in
      // vain.
      if ((*opened)->holds_v6()) {
        made_->city_v6_.push_back(*opened);
        made_->city_v4_.push_back(*opened);
      } else {
        const auto first_mixed = std::find_if(made_->city_v4_.begin(), made_->city_v4_.end(),
                                              [](const auto& database) { return database->holds_v6(); });
        made_->city_v4_.insert(first_mixed, *opened);
      }
    }
    return Done{};
  }

  Result<Done> LoadAsn() {
    if (paths_.asn.empty()) return Done{};
    if (!std::all_of(paths_.asn.begin(), paths_.asn.end(), IsCsv)) {
      if (paths_.asn.size() > 1) {
        return Error{ErrorCode::kInvalid, "geoip.asn",
                     "name one .mmdb file, or the .csv files of both families"};
      }
      const auto opened = Open(paths_.asn.front(), "asn");
      if (!opened) return opened.error();
      made_->asn_database_ = *opened;
      return Done{};
    }
    auto ranges = AsnRanges::Load(paths_.asn, paths_.cache_directory, &made_->warnings_);
    if (!ranges) return ranges.error();
    made_->asn_ranges_ = *ranges;
    identity_.Add("asn ranges").Add(static_cast<int64_t>((*ranges)->range_count()));
    identity_.Add(static_cast<int64_t>((*ranges)->system_count()));
    for (const std::string& path : paths_.asn) {
      if (const Result<Done> noted = NoteFile("asn", path, "csv"); !noted) return noted;
    }
    return Done{};
  }

  // A file without metadata is as old as its last modification; that is another on every machine, so the
  // version does not show it.
  Result<Done> NoteFile(const std::string& role, const std::string& path, const char* type) {
    const Result<FileStamp> stamp = StampOf(path);
    if (!stamp) return stamp.error();
    made_->infos_.push_back({role, path, type, stamp->modified_ns / 1'000'000'000, stamp->size});
    identity_.Add(role).Add(static_cast<int64_t>(stamp->size));
    return Done{};
  }

  Result<Done> LoadAnonymity() {
    if (paths_.anonymity.empty()) return Done{};
    const auto opened = Open(paths_.anonymity, "anonymity");
    if (!opened) return opened.error();
    made_->anonymity_ = *opened;
    return Done{};
  }

  Result<Done> LoadLists() {
    for (const auto& [kind, paths] : paths_.lists) {
      for (const std::string& path : paths) {
        const Result<std::string> text = ReadWholeFile(path, kListBytesMax);
        if (!text) return text.error();
        if (const Result<Done> added = made_->lists_.Add(kind, *text, path); !added) return added;
        const std::string role = "list:" + std::string(daemon::NameOf(kind));
        if (const Result<Done> noted = NoteFile(role, path, "list"); !noted) return noted;
        identity_.Add(*text);
      }
    }
    made_->lists_.Finish();
    return Done{};
  }

  const DatabasePaths& paths_;
  std::shared_ptr<Databases> made_ = std::make_shared<Databases>();
  IdentityHash identity_;
  int64_t newest_ = 0;
};

Result<std::shared_ptr<const Databases>> LoadDatabases(const DatabasePaths& paths) {
  return DatabaseLoader(paths).Load();
}

}  // namespace tocsin::daemon
