#include "base/time_zone.h"

#include <date/tz.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <limits>
#include <unordered_map>
#include <vector>

#include "base/check.h"
#include "base/hash.h"

namespace tocsin {

// One zone, immutable once it can be seen, kept until the process ends. The offsets are copied out of the tz
// library: a look-up is then one binary search over a small array, without the library's locks and strings.
struct TimeZone::Zone {
  struct Span {
    int64_t begin;   // Seconds since 1970 UTC; the first span begins at the smallest number.
    int64_t offset;  // Local minus UTC, seconds.
  };
  std::string name;
  std::vector<Span> spans;  // In order, each ends where the next begins; never empty.

  [[nodiscard]] size_t IndexAt(int64_t utc) const {
    const auto after = std::upper_bound(spans.begin(), spans.end(), utc,
                                        [](int64_t value, const Span& span) { return value < span.begin; });
    return static_cast<size_t>(after - spans.begin()) - 1;
  }
};

namespace {

using std::chrono::floor;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;
using Zone = TimeZone::Zone;

constexpr int64_t kSecondsPerDay = 86'400;
constexpr int kOffsetMinutesMax = 23 * 60 + 59;

const Zone& Utc() {
  static const Zone& zone = *new Zone{.name = "UTC", .spans = {{std::numeric_limits<int64_t>::min(), 0}}};
  return zone;
}

// The zone held in `slot`, made by `make` when nobody has before. Two threads may both make it: one is kept.
template <class Make>
const Zone* GetOrMake(std::atomic<const Zone*>& slot, Make make) {
  if (const Zone* zone = slot.load(std::memory_order_acquire)) return zone;
  const Zone* made = make();
  const Zone* kept = nullptr;
  if (made == nullptr || slot.compare_exchange_strong(kept, made, std::memory_order_acq_rel)) return made;
  delete made;
  return kept;
}

std::string OffsetName(int minutes) {
  const auto size = static_cast<unsigned>(minutes < 0 ? -minutes : minutes);
  const auto digit = [](unsigned value) { return static_cast<char>('0' + value % 10); };
  return {minutes < 0 ? '-' : '+', digit(size / 600), digit(size / 60), ':',
          digit(size % 60 / 10),   digit(size % 60)};
}

const Zone* FixedZone(int minutes) {
  if (minutes == 0) return &Utc();
  static std::array<std::atomic<const Zone*>, 2 * kOffsetMinutesMax + 1> slots{};
  return GetOrMake(slots[static_cast<size_t>(minutes + kOffsetMinutesMax)], [minutes] {
    return new Zone{.name = OffsetName(minutes),
                    .spans = {{std::numeric_limits<int64_t>::min(), int64_t{minutes} * 60}}};
  });
}

// Copies what the tz database knows from shortly before 1970 on. Its files list changes up to 2037; later
// times keep the last offset.
const Zone* Load(const date::time_zone& source) {
  auto* zone = new Zone{.name = source.name(), .spans = {}};
  try {
    date::sys_seconds at{seconds{-7 * kSecondsPerDay}};
    const date::sys_seconds end{sys_days{std::chrono::year{2100} / 1 / 1}.time_since_epoch()};
    while (at < end) {
      const date::sys_info info = source.get_info(at);
      const int64_t begin =
          zone->spans.empty() ? std::numeric_limits<int64_t>::min() : at.time_since_epoch().count();
      // Changes of name or of the daylight flag alone do not matter here.
      if (zone->spans.empty() || zone->spans.back().offset != info.offset.count()) {
        zone->spans.push_back({begin, info.offset.count()});
      }
      if (info.end <= at) break;
      at = info.end;
    }
  } catch (...) {  // A zone file that cannot be read: as if the name were unknown.
    delete zone;
    return nullptr;
  }
  zone->spans.shrink_to_fit();
  return zone;
}

// Every name of the tz database with its slot; made once, so that look-ups need no lock and unknown names
// leave no trace.
class Names {
 public:
  static Names& Instance() {
    static Names& names = *new Names;
    return names;
  }

  const Zone* Find(std::string_view name) {
    const auto entry = entries_.find(name);
    if (entry == entries_.end()) return nullptr;
    return GetOrMake(entry->second.zone, [&] { return Load(*entry->second.source); });
  }

 private:
  struct Entry {
    explicit Entry(const date::time_zone* zone_source) : source(zone_source) {}
    const date::time_zone* source;
    std::atomic<const Zone*> zone = nullptr;
  };

  Names() {
    try {
      for (const date::time_zone& zone : date::get_tzdb().zones) {
        // Files beside the zones whose meaning changes from machine to machine.
        if (zone.name() == "localtime" || zone.name() == "posixrules") continue;
        entries_.try_emplace(zone.name(), &zone);
      }
    } catch (...) {  // No tz database on this machine: UTC and fixed offsets still work.
    }
  }

  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view name) const { return Hash64(name); }
  };
  // An account's zone is looked up several times an event.
  std::unordered_map<std::string, Entry, Hash, std::equal_to<>> entries_;
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// "+08:00" or "480", "-300": minutes east of UTC.
std::optional<int> ParseOffset(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const bool negative = text.front() == '-';
  const bool is_signed = negative || text.front() == '+';
  const std::string_view digits = text.substr(is_signed ? 1 : 0);
  int minutes = 0;
  if (is_signed && digits.size() == 5 && digits[2] == ':') {
    for (const size_t i : {0, 1, 3, 4}) {
      if (!IsDigit(digits[i])) return std::nullopt;
    }
    if (digits[3] > '5') return std::nullopt;
    minutes = ((digits[0] - '0') * 10 + digits[1] - '0') * 60 + (digits[3] - '0') * 10 + digits[4] - '0';
  } else {
    if (digits.empty() || digits.size() > 4) return std::nullopt;
    for (const char digit : digits) {
      if (!IsDigit(digit)) return std::nullopt;
      minutes = minutes * 10 + (digit - '0');
    }
  }
  if (minutes > kOffsetMinutesMax) return std::nullopt;
  return negative ? -minutes : minutes;
}

int64_t FloorSeconds(Timestamp at) { return floor<seconds>(at).time_since_epoch().count(); }

Timestamp FromSeconds(int64_t utc) { return Timestamp{seconds{utc}}; }

// The instant at which a clock in `zone` first shows `local` (seconds since 1970 as if local were UTC) or,
// when it skips it, the instant of the skip.
int64_t ToUtc(const Zone& zone, int64_t local) {
  // No offset is as large as a day.
  size_t i = zone.IndexAt(local - kSecondsPerDay);
  for (;; ++i) {
    const int64_t utc = local - zone.spans[i].offset;
    // The spans before this one end before they show `local`, so this one skips it when it begins later than
    // `utc`.
    if (utc < zone.spans[i].begin) return zone.spans[i].begin;
    if (i + 1 == zone.spans.size() || utc < zone.spans[i + 1].begin) return utc;
  }
}

sys_days LocalDay(const Zone& zone, Timestamp at) {
  const int64_t utc = FloorSeconds(at);
  return floor<std::chrono::days>(
      std::chrono::sys_seconds{seconds{utc + zone.spans[zone.IndexAt(utc)].offset}});
}

int64_t BeginOfDay(const Zone& zone, sys_days day) {
  return ToUtc(zone, int64_t{day.time_since_epoch().count()} * kSecondsPerDay);
}

// First day of the unit that holds `day`.
sys_days FirstDay(CalendarUnit unit, sys_days day) {
  const year_month_day date{day};
  switch (unit) {
    case CalendarUnit::kDay:
      return day;
    case CalendarUnit::kWeek:
      return day - (std::chrono::weekday{day} - std::chrono::Monday);
    case CalendarUnit::kMonth:
      return sys_days{date.year() / date.month() / 1};
    case CalendarUnit::kYear:
      return sys_days{date.year() / 1 / 1};
  }
  CHECK(false);
}

// First day of the unit after the one that begins on `first`.
sys_days NextFirstDay(CalendarUnit unit, sys_days first) {
  constexpr int kDaysMax[] = {1, 7, 31, 366};
  return FirstDay(unit, first + std::chrono::days{kDaysMax[static_cast<size_t>(unit)]});
}

struct Bounds {
  int64_t begin;
  int64_t end;
};

Bounds BoundsOf(const Zone& zone, CalendarUnit unit, Timestamp at) {
  sys_days first = FirstDay(unit, LocalDay(zone, at));
  Bounds bounds{.begin = BeginOfDay(zone, first), .end = 0};
  for (;;) {
    first = NextFirstDay(unit, first);
    bounds.end = BeginOfDay(zone, first);
    if (FromSeconds(bounds.end) > at) return bounds;
    // A clock set back across midnight shows the old date again: the new unit has begun already and goes on.
    bounds.begin = bounds.end;
  }
}

}  // namespace

TimeZone::TimeZone() : zone_(&Utc()) {}

std::optional<TimeZone> TimeZone::Find(std::string_view name) {
  if (name == "UTC") return TimeZone(&Utc());
  if (const std::optional<int> minutes = ParseOffset(name)) return TimeZone(FixedZone(*minutes));
  if (const Zone* zone = Names::Instance().Find(name)) return TimeZone(zone);
  return std::nullopt;
}

const std::string& TimeZone::name() const { return zone_->name; }

LocalTime TimeZone::ToLocal(Timestamp at) const {
  const int64_t utc = FloorSeconds(at);
  const int64_t offset = zone_->spans[zone_->IndexAt(utc)].offset;
  const std::chrono::sys_seconds local{seconds{utc + offset}};
  const sys_days day = floor<std::chrono::days>(local);
  const year_month_day date{day};
  const auto of_day = static_cast<int>((local - day).count());
  return {.year = static_cast<int>(date.year()),
          .month = static_cast<int>(static_cast<unsigned>(date.month())),
          .day = static_cast<int>(static_cast<unsigned>(date.day())),
          .hour = of_day / 3600,
          .minute = of_day / 60 % 60,
          .second = of_day % 60,
          .weekday = static_cast<int>(std::chrono::weekday{day}.c_encoding()),
          .offset = floor<std::chrono::minutes>(seconds{offset})};
}

Timestamp TimeZone::BeginOf(CalendarUnit unit, Timestamp at) const {
  // A clock that nobody has touched for two days shows no date again.
  const int64_t utc = FloorSeconds(at);
  const Zone::Span& span = zone_->spans[zone_->IndexAt(utc)];
  if (span.begin > utc - 2 * kSecondsPerDay) return FromSeconds(BoundsOf(*zone_, unit, at).begin);
  const auto day = floor<std::chrono::days>(std::chrono::sys_seconds{seconds{utc + span.offset}});
  return FromSeconds(BeginOfDay(*zone_, FirstDay(unit, day)));
}

Timestamp TimeZone::EndOf(CalendarUnit unit, Timestamp at) const {
  return FromSeconds(BoundsOf(*zone_, unit, at).end);
}

Timestamp TimeZone::FromLocal(int year, int month, int day, int hour, int minute) const {
  const sys_days date{std::chrono::year{year} / month / 1};
  const int64_t local = (int64_t{date.time_since_epoch().count()} + day - 1) * kSecondsPerDay +
                        int64_t{hour} * 3600 + int64_t{minute} * 60;
  return FromSeconds(ToUtc(*zone_, local));
}

}  // namespace tocsin
