// The people behind generated accounts: where they live, what they carry, how they spend. All of it follows
// from the seed and the account's number.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.h"
#include "base/time.h"
#include "base/time_zone.h"
#include "daemon/generate/networks.h"
#include "daemon/generate/random.h"

namespace tocsin::daemon::generate {

// The networks of each city by kind, and the zones: what the tables say, ready to be asked.
class World {
 public:
  World();
  static constexpr int kKinds = 5;

  [[nodiscard]] const City& city(int index) const { return Cities()[static_cast<size_t>(index)]; }
  [[nodiscard]] Currency currency(int city) const { return currencies_[static_cast<size_t>(city)]; }
  // A city to live in, by share.
  [[nodiscard]] int PickHome(Random& random) const;
  // A city in another country, some way from there.
  [[nodiscard]] int PickAbroad(Random& random, int city) const;
  // A network of this kind there; of another kind people use where the city has none, for hosting and
  // anonymisers one of another city.
  [[nodiscard]] const Network& PickNetwork(Random& random, int city, NetworkKind kind) const;
  // A network of this kind anywhere in the city's country; where there is none, a rented one, else one people
  // use.
  [[nodiscard]] const Network& PickNetworkOfCountry(Random& random, int city, NetworkKind kind) const;
  // An address of it that could be a customer's.
  [[nodiscard]] static uint32_t PickAddress(Random& random, const Network& network);
  // Local time minus UTC at an instant, in seconds.
  [[nodiscard]] int64_t OffsetSeconds(int city, Timestamp at) const;

 private:
  std::vector<int> homes_;  // Cities, each as often as its share.
  std::vector<std::array<std::vector<uint16_t>, kKinds>> by_city_;
  std::array<std::vector<uint16_t>, kKinds> by_kind_;
  std::vector<TimeZone> zones_;
  std::vector<Currency> currencies_;
};

// What an account spends in one go, in minor units of each currency: the median of its payments in the
// population.
[[nodiscard]] int64_t TypicalPayment(Currency currency);

// One account and its owner. What changes while days pass is at the end.
struct Account {
  uint32_t number = 0;
  uint8_t city = 0;
  const Network* home = nullptr;
  const Network* carrier = nullptr;
  const Network* work = nullptr;  // Null for people without.
  const Network* vpn = nullptr;   // Null for most.
  uint32_t home_address = 0;
  uint32_t work_address = 0;
  bool has_laptop = false;
  bool laptop_has_id = false;
  bool shares_device = false;  // A tablet with the account of the next even or odd number.
  uint8_t laptop = 0;          // Which browser.
  uint8_t phone = 0;           // Which model.
  int new_phone_day = -1;      // From this day on, with another phone.
  uint8_t mfa = 0;             // Index of kFactors in scribe.cc.
  double sessions_a_day = 1;
  double payments_a_session = 1;
  double waking_shift_hours = 0;
  int pay_day = 0;  // Of the month.
  Currency currency;
  int64_t payment_minor = 0;  // Median.
  int64_t daily_limit_minor = 0;
  int64_t transfer_limit_minor = 0;
  uint8_t tier = 0;

  int64_t balance_minor = 0;  // After all that has been written: what the next writer may spend.
  Money told_balance;         // After all that has happened.
  uint32_t events = 0;        // So far: the next event's number.
  uint32_t transactions = 0;
  uint32_t sessions = 0;
  uint8_t payees = 2;
  int opened_day = -1;       // Of the traffic; -1: before it.
  uint8_t first_payees = 0;  // Payees that the owner of a new account has in mind.
  bool gets_salary = false;  // A new account's wages come from the employer.
  bool young = false;        // Opened lately.
  bool silent = false;       // The owner has stopped coming (dormant accounts).
};

[[nodiscard]] Account MakeAccount(const World& world, uint64_t seed, uint32_t number, int days);

// "acct-0000123"
[[nodiscard]] std::string AccountName(uint32_t number);
// "李 华" or "Maria Garcia": invented.
[[nodiscard]] std::string OwnerName(const World& world, const Account& account);

// A journey of the owner: at most one in each 30 days.
struct Journey {
  bool away = false;
  bool moving = false;        // The day of departure or return: nobody pays or logs in.
  bool announced = false;     // The platform was told.
  bool roaming_only = false;  // Everything through the carrier at home.
  bool roaming_too = false;   // Both: at home and away within minutes, for the address.
  int city = 0;
  int first_day = 0;
  int last_day = 0;
};
[[nodiscard]] Journey JourneyOn(const World& world, uint64_t seed, const Account& account, int day);

}  // namespace tocsin::daemon::generate
