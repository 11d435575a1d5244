#include "daemon/enrich/databases.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <set>
#include <utility>

#include "base/hash.h"
#include "daemon/enrich/database_check.h"
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
  // `every`: goes on after a problem, to find all of them.
  DatabaseLoader(const DatabasePaths& paths, bool every) : paths_(paths), every_(every) {}

  std::shared_ptr<const Databases> Load() {
    // A file that is not there is found before the large ones are read.
    EachFile([this](const std::string& key, const std::string& path) {
      if (const Result<FileStamp> stamp = StampOf(path); !stamp) {
        absent_.insert(path);
        Wrong(key, stamp.error());
      }
    });
    for (const auto load : {&DatabaseLoader::LoadCity, &DatabaseLoader::LoadAsn,
                            &DatabaseLoader::LoadAnonymity, &DatabaseLoader::LoadLists}) {
      if (!Stopped()) (this->*load)();
    }
    if (!made_->infos_.empty()) {
      const std::string hash = ToHex(identity_.Finish()).substr(0, 12);
      made_->version_ = newest_ == 0 ? hash : DateOf(newest_) + "/" + hash;
    }
    return std::move(made_);
  }

  std::vector<DatabaseProblem>& problems() { return problems_; }

 private:
  using Kind = GeoipDatabase::Kind;

  [[nodiscard]] bool Stopped() const { return !every_ && !problems_.empty(); }
  void Wrong(std::string key, Error error) { problems_.push_back({std::move(key), std::move(error)}); }

  // With the key that names it: "geoip.city[1]".
  template <class Use>
  void EachFile(const Use& use) const {
    const auto list = [&use](const std::string& key, const std::vector<std::string>& paths) {
      for (size_t i = 0; i < paths.size(); ++i) use(key + "[" + std::to_string(i) + "]", paths[i]);
    };
    list("geoip.city", paths_.city);
    list("geoip.asn", paths_.asn);
    if (!paths_.anonymity.empty()) use("geoip.anonymity", paths_.anonymity);
    for (const auto& [kind, paths] : paths_.lists) list(KeyOf(kind), paths);
  }

  static std::string KeyOf(ListKind kind) { return "geoip.lists." + std::string(daemon::NameOf(kind)); }

  // Null when it cannot be used, which is then said of `key`.
  std::shared_ptr<const GeoipDatabase> Open(const std::string& key, const std::string& path,
                                            const char* role) {
    if (Stopped() || absent_.contains(path)) return nullptr;
    Result<std::shared_ptr<const GeoipDatabase>> opened = GeoipDatabase::Open(path);
    if (!opened) {
      Wrong(key, opened.error());
      return nullptr;
    }
    const GeoipDatabase& database = **opened;
    const bool is_city = database.kind() == Kind::kCity || database.kind() == Kind::kFlatCity;
    const std::string_view wanted = role;
    const bool fits = wanted == "city"  ? is_city
                      : wanted == "asn" ? database.kind() == Kind::kAsn
                                        : database.kind() == Kind::kAnonymousIp;
    if (!fits) {
      Wrong(key,
            {ErrorCode::kInvalid, path,
             std::string("this is ") + NameOf(database.kind()) + ", but it is configured as geoip." + role});
      return nullptr;
    }
    made_->infos_.push_back(
        {role, path, database.type(), database.built_at_seconds(), database.size_bytes()});
    newest_ = std::max(newest_, database.built_at_seconds());
    identity_.Add(role).Add(database.type()).Add(database.built_at_seconds());
    identity_.Add(static_cast<int64_t>(database.size_bytes()));
    return *opened;
  }

  void LoadCity() {
    constexpr size_t kFilesMax = 16;
    if (paths_.city.size() > kFilesMax) {
      Wrong("geoip.city",
            {ErrorCode::kInvalid, "geoip.city", "more than " + std::to_string(kFilesMax) + " files"});
      return;
    }
    for (size_t i = 0; i < paths_.city.size(); ++i) {
      const auto opened = Open("geoip.city[" + std::to_string(i) + "]", paths_.city[i], "city");
      if (!opened) continue;
      // A file of one family is asked first for it: a tree that also holds the other is then not walked in
      // vain.
      if (opened->holds_v6()) {
        made_->city_v6_.push_back(opened);
        made_->city_v4_.push_back(opened);
      } else {
        const auto first_mixed = std::find_if(made_->city_v4_.begin(), made_->city_v4_.end(),
                                              [](const auto& database) { return database->holds_v6(); });
        made_->city_v4_.insert(first_mixed, opened);
      }
    }
  }

  void LoadAsn() {
    if (paths_.asn.empty()) return;
    if (!std::all_of(paths_.asn.begin(), paths_.asn.end(), IsCsv)) {
      if (paths_.asn.size() > 1) {
        Wrong("geoip.asn",
              {ErrorCode::kInvalid, "geoip.asn", "name one .mmdb file, or the .csv files of both families"});
      } else {
        made_->asn_database_ = Open("geoip.asn[0]", paths_.asn.front(), "asn");
      }
      return;
    }
    const auto is_absent = [this](const std::string& path) { return absent_.contains(path); };
    if (std::any_of(paths_.asn.begin(), paths_.asn.end(), is_absent)) return;
    auto ranges = AsnRanges::Load(paths_.asn, paths_.cache_directory, &made_->warnings_);
    if (!ranges) {
      Wrong(AsnKeyOf(ranges.error().field), ranges.error());
      return;
    }
    made_->asn_ranges_ = *ranges;
    identity_.Add("asn ranges").Add(static_cast<int64_t>((*ranges)->range_count()));
    identity_.Add(static_cast<int64_t>((*ranges)->system_count()));
    for (const std::string& path : paths_.asn) NoteFile(AsnKeyOf(path), "asn", path, "csv");
  }

  [[nodiscard]] std::string AsnKeyOf(const std::string& file) const {
    const auto found = std::find(paths_.asn.begin(), paths_.asn.end(), file);
    if (found == paths_.asn.end()) return "geoip.asn";
    return "geoip.asn[" + std::to_string(found - paths_.asn.begin()) + "]";
  }

  // A file without metadata is as old as its last modification; that is another on every machine, so the
  // version does not show it.
  void NoteFile(const std::string& key, const std::string& role, const std::string& path, const char* type) {
    const Result<FileStamp> stamp = StampOf(path);
    if (!stamp) return Wrong(key, stamp.error());
    made_->infos_.push_back({role, path, type, stamp->modified_ns / 1'000'000'000, stamp->size});
    identity_.Add(role).Add(static_cast<int64_t>(stamp->size));
  }

  void LoadAnonymity() {
    if (!paths_.anonymity.empty()) made_->anonymity_ = Open("geoip.anonymity", paths_.anonymity, "anonymity");
  }

  void LoadLists() {
    for (const auto& [kind, paths] : paths_.lists) {
      for (size_t i = 0; i < paths.size() && !Stopped(); ++i) {
        if (!absent_.contains(paths[i]))
          LoadList(kind, KeyOf(kind) + "[" + std::to_string(i) + "]", paths[i]);
      }
    }
    made_->lists_.Finish();
  }

  void LoadList(ListKind kind, const std::string& key, const std::string& path) {
    const Result<std::string> text = ReadWholeFile(path, kListBytesMax);
    if (!text) return Wrong(key, text.error());
    if (const Result<Done> added = made_->lists_.Add(kind, *text, path); !added)
      return Wrong(key, added.error());
    NoteFile(key, "list:" + std::string(daemon::NameOf(kind)), path, "list");
    identity_.Add(*text);
  }

  const DatabasePaths& paths_;
  const bool every_;
  std::vector<DatabaseProblem> problems_;
  std::set<std::string> absent_;
  std::shared_ptr<Databases> made_ = std::make_shared<Databases>();
  IdentityHash identity_;
  int64_t newest_ = 0;
};

Result<std::shared_ptr<const Databases>> LoadDatabases(const DatabasePaths& paths) {
  DatabaseLoader loader(paths, false);
  std::shared_ptr<const Databases> loaded = loader.Load();
  if (!loader.problems().empty()) return loader.problems().front().error;
  return loaded;
}

std::vector<DatabaseProblem> CheckDatabases(const DatabasePaths& paths) {
  DatabaseLoader loader(paths, true);
  static_cast<void>(loader.Load());
  return std::move(loader.problems());
}

}  // namespace tocsin::daemon
