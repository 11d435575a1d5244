#include "daemon/generate/population.h"

#include <algorithm>
#include <cstdio>

namespace tocsin::daemon::generate {
namespace {

// Each purpose draws from a stream of its own, so that one more draw here changes nothing there.
constexpr uint64_t kPersonStream = 1;
constexpr uint64_t kJourneyStream = 2;

constexpr std::string_view kSurnamesZh[] = {"王", "李", "张", "刘", "陈", "杨", "黄", "赵",
                                            "吴", "周", "徐", "孙", "马", "朱", "胡", "郭",
                                            "何", "高", "林", "罗", "梁", "宋", "郑", "谢"};
constexpr std::string_view kGivenZh[] = {"伟",   "芳",   "娜",   "敏",   "静",   "丽",   "强",   "磊",
                                         "军",   "洋",   "勇",   "艳",   "杰",   "娟",   "涛",   "明",
                                         "超",   "秀英", "霞",   "平",   "刚",   "桂英", "文",   "华",
                                         "建国", "雨桐", "子涵", "欣怡", "浩然", "思远", "晓东", "志强"};
constexpr std::string_view kGivenEn[] = {"Maria", "James",  "Aisha",  "Lukas",  "Emma",  "Noah",
                                         "Priya", "Daniel", "Sofia",  "Kenji",  "Amara", "Liam",
                                         "Chloe", "Omar",   "Hannah", "Mateo",  "Grace", "Tomasz",
                                         "Yuna",  "Lucas",  "Zanele", "Oliver", "Ines",  "Ravi"};
constexpr std::string_view kSurnamesEn[] = {"Garcia", "Smith",  "Okafor",  "Becker", "Martin", "Jones",
                                            "Sharma", "Kim",    "Rossi",   "Tanaka", "Mensah", "Brown",
                                            "Dubois", "Haddad", "Novak",   "Silva",  "Wong",   "Kowalski",
                                            "Lee",    "Costa",  "Dlamini", "Wilson", "Lopez",  "Patel"};

struct Typical {
  std::string_view currency;
  int64_t minor;
};
constexpr Typical kTypical[] = {
    {"CNY", 6000},  {"HKD", 15000}, {"SGD", 2500},   {"JPY", 2500},   {"KRW", 25000},  {"GBP", 2000},
    {"EUR", 2200},  {"SEK", 22000}, {"PLN", 8000},   {"TRY", 70000},  {"USD", 2500},   {"CAD", 3000},
    {"MXN", 30000}, {"BRL", 9000},  {"INR", 90000},  {"AED", 8000},   {"KES", 200000}, {"ZAR", 30000},
    {"AUD", 3500},  {"NZD", 3500},  {"RUB", 150000}, {"NGN", 1500000}};

}  // namespace

World::World() {
  const auto cities = Cities();
  for (size_t i = 0; i < cities.size(); ++i) {
    homes_.insert(homes_.end(), static_cast<size_t>(cities[i].share), static_cast<int>(i));
    zones_.push_back(TimeZone::Find(cities[i].zone).value_or(TimeZone()));
    currencies_.push_back(Currency::Find(cities[i].currency).value_or(Currency()));
  }
  by_city_.resize(cities.size());
  const auto networks = Networks();
  for (size_t i = 0; i < networks.size(); ++i) {
    const auto kind = static_cast<size_t>(networks[i].kind);
    by_city_[networks[i].city][kind].push_back(static_cast<uint16_t>(i));
    by_kind_[kind].push_back(static_cast<uint16_t>(i));
  }
}

int World::PickHome(Random& random) const { return homes_[random.Below(homes_.size())]; }

int World::PickAbroad(Random& random, int city) const {
  for (;;) {
    const int other = static_cast<int>(random.Below(Cities().size()));
    if (this->city(other).country != this->city(city).country) return other;
  }
}

const Network& World::PickNetwork(Random& random, int city, NetworkKind kind) const {
  const auto of = [&](NetworkKind asked) -> const std::vector<uint16_t>& {
    return by_city_[static_cast<size_t>(city)][static_cast<size_t>(asked)];
  };
  const std::vector<uint16_t>* found = &of(kind);
  const bool rented = kind == NetworkKind::kHosting || kind == NetworkKind::kAnonymiser;
  if (found->empty()) found = rented ? &by_kind_[static_cast<size_t>(kind)] : &of(NetworkKind::kResidential);
  if (found->empty()) found = &of(NetworkKind::kMobile);
  if (found->empty()) found = &by_kind_[static_cast<size_t>(NetworkKind::kResidential)];
  return Networks()[(*found)[random.Below(found->size())]];
}

const Network& World::PickNetworkOfCountry(Random& random, int city, NetworkKind kind) const {
  for (const NetworkKind wanted :
       {kind, NetworkKind::kHosting, NetworkKind::kResidential, NetworkKind::kMobile}) {
    std::vector<const Network*> found;
    for (const Network& network : Networks()) {
      if (network.kind == wanted && this->city(network.city).country == this->city(city).country)
        found.push_back(&network);
    }
    if (!found.empty()) return *found[random.Below(found.size())];
  }
  return PickNetwork(random, city, kind);
}

uint32_t World::PickAddress(Random& random, const Network& network) {
  const Prefix prefix = network.prefixes[random.Below(network.prefixes.size())];
  const uint32_t size = 1U << (32U - prefix.length);
  // Not the first or last of a /24: those are nobody's.
  const auto block = static_cast<uint32_t>(random.Below(size / 256)) * 256;
  return prefix.first + block + static_cast<uint32_t>(random.Between(int64_t{2}, int64_t{253}));
}

int64_t World::OffsetSeconds(int city, Timestamp at) const {
  return int64_t{zones_[static_cast<size_t>(city)].ToLocal(at).offset.count()} * 60;
}

int64_t TypicalPayment(Currency currency) {
  for (const Typical& typical : kTypical) {
    if (typical.currency == currency.code()) return typical.minor;
  }
  return 2500;
}

Account MakeAccount(const World& world, uint64_t seed, uint32_t number, int days) {
  Random random(seed, number, kPersonStream);
  Account a;
  a.number = number;
  a.city = static_cast<uint8_t>(world.PickHome(random));
  a.home = &world.PickNetwork(random, a.city, NetworkKind::kResidential);
  a.home_address = World::PickAddress(random, *a.home);
  a.carrier = &world.PickNetwork(random, a.city, NetworkKind::kMobile);
  if (random.Chance(0.4)) {
    a.work = &world.PickNetwork(random, a.city,
                                random.Chance(0.3) ? NetworkKind::kBusiness : NetworkKind::kResidential);
    a.work_address = World::PickAddress(random, *a.work);
  }
  if (random.Chance(0.02)) {
    const int exit = random.Chance(0.5) ? a.city : world.PickAbroad(random, a.city);
    a.vpn = &world.PickNetwork(random, exit, NetworkKind::kAnonymiser);
  }
  a.has_laptop = random.Chance(0.55);
  a.laptop_has_id = random.Chance(0.5);
  a.laptop = static_cast<uint8_t>(random.Below(4));
  a.phone = static_cast<uint8_t>(random.Below(8));
  if (random.Chance(days * 0.0012)) a.new_phone_day = static_cast<int>(random.Between(int64_t{1}, days));
  a.mfa = static_cast<uint8_t>(random.Below(6));
  // Some come daily, most a few times a week, some hardly.
  a.sessions_a_day = std::min(6.0, 1.0 * std::exp(0.5 * random.Normal()));
  a.payments_a_session = std::min(4.0, 1.1 * std::exp(0.3 * random.Normal()));
  a.waking_shift_hours = random.Normal();
  a.pay_day = static_cast<int>(random.Chance(0.5) ? 25 : random.Between(int64_t{1}, int64_t{28}));
  a.currency = world.currency(a.city);
  a.payment_minor =
      static_cast<int64_t>(static_cast<double>(TypicalPayment(a.currency)) * std::exp(0.4 * random.Normal()));
  a.tier = static_cast<uint8_t>(random.Chance(0.15) ? 1 : 0);
  const int64_t unit = TypicalPayment(a.currency);
  a.transfer_limit_minor = unit * (a.tier == 0 ? 100 : 400);
  a.daily_limit_minor = unit * (a.tier == 0 ? 200 : 800);
  a.balance_minor = a.payment_minor * random.Between(int64_t{40}, int64_t{300});
  a.told_balance = {a.balance_minor, a.currency};
  a.payees = static_cast<uint8_t>(random.Between(int64_t{1}, int64_t{4}));
  // The same for both of a household, so that they agree.
  a.shares_device = Random(seed, number / 2, kPersonStream + 7).Chance(0.04);
  return a;
}

std::string AccountName(uint32_t number) {
  char text[24];
  const int length = std::snprintf(text, sizeof text, "acct-%07u", number);
  return {text, static_cast<size_t>(length)};
}

std::string OwnerName(const World& world, const Account& account) {
  Random random(0, account.number, kPersonStream + 1);
  std::string name;
  if (world.city(account.city).language == "zh-CN") {
    name.append(random.Pick(kSurnamesZh)).append(random.Pick(kGivenZh));
  } else {
    name.append(random.Pick(kGivenEn)).append(" ").append(random.Pick(kSurnamesEn));
  }
  return name;
}

Journey JourneyOn(const World& world, uint64_t seed, const Account& account, int day) {
  constexpr int kBlockDays = 30;
  Journey journey;
  const int block = day / kBlockDays;
  Random random(seed, account.number, kJourneyStream + static_cast<uint64_t>(block) * 16);
  if (!random.Chance(0.05)) return journey;
  journey.first_day = block * kBlockDays + static_cast<int>(random.Between(int64_t{1}, int64_t{20}));
  journey.last_day = journey.first_day + static_cast<int>(random.Between(int64_t{3}, int64_t{8}));
  journey.city = world.PickAbroad(random, account.city);
  journey.announced = random.Chance(0.6);
  const double phone = random.Unit();
  journey.roaming_only = phone < 0.2;
  journey.roaming_too = phone > 0.95;
  journey.away = day >= journey.first_day && day <= journey.last_day;
  journey.moving = day == journey.first_day || day == journey.last_day;
  return journey;
}

}  // namespace tocsin::daemon::generate
