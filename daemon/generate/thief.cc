#include "daemon/generate/thief.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>
#include <vector>

namespace tocsin::daemon::generate {

using std::chrono::seconds;

using schemas::ChangeKind;
using schemas::CounterpartyType;
using schemas::LoginOutcome;
using schemas::TransactionKind;
using schemas::TransactionStatus;

void Thief::Wait(int64_t seconds_min, int64_t seconds_max) {
  at_ += seconds(random_.Between(seconds_min, seconds_max)) + Millis(random_.Below(1000));
}

void Thief::ComeFromAbroad(NetworkKind kind) { ComeFrom(world_.PickAbroad(random_, account_.city), kind); }

void Thief::ComeFromAnotherContinent(NetworkKind kind) {
  constexpr int64_t kApart = 7 * kHour;
  const auto apart = [&](int city) {
    const int64_t off = std::abs(world_.OffsetSeconds(city, at_) - world_.OffsetSeconds(account_.city, at_));
    return std::min(off, 24 * kHour - off);  // Across the date line, too.
  };
  int city = world_.PickAbroad(random_, account_.city);
  while (apart(city) < kApart) city = world_.PickAbroad(random_, account_.city);
  ComeFrom(city, kind);
}

void Thief::ComeFrom(int city, NetworkKind kind, Random& random) {
  address_ = World::PickAddress(random, world_.PickNetwork(random, city, kind));
  zone_ = world_.city(city).zone;
}

void Thief::HideIn(int city, NetworkKind kind) {
  address_ = World::PickAddress(random_, world_.PickNetwork(random_, city, kind));
}

void Thief::ComeFromCountryOf(int city, NetworkKind kind) {
  ComeFrom(world_.PickNetworkOfCountry(random_, city, kind));
}

void Thief::UseOwnersPhoneAtHome() {
  gadget_ = PhoneOf(account_, day_.number);
  address_ = account_.home_address;
  zone_ = world_.city(account_.city).zone;
}

void Thief::ComeFromAnotherProvider() {
  const auto is_owners = [&](const Network& network) {
    const Network* const owners[] = {account_.home, account_.carrier, account_.work, account_.vpn};
    return std::ranges::any_of(owners, [&](const Network* own) { return own && own->asn == network.asn; });
  };
  const std::string_view country = world_.city(account_.city).country;
  // The nearest that there is: people's lines before rented servers.
  const auto distance = [&](const Network& network) {
    int far = network.city == account_.city ? 0 : world_.city(network.city).country == country ? 2 : 4;
    if (network.kind != NetworkKind::kResidential && network.kind != NetworkKind::kMobile) ++far;
    return far;
  };
  std::vector<const Network*> nearest;
  for (const Network& network : Networks()) {
    if (network.kind == NetworkKind::kAnonymiser || is_owners(network)) continue;
    if (!nearest.empty() && distance(network) > distance(*nearest[0])) continue;
    if (!nearest.empty() && distance(network) < distance(*nearest[0])) nearest.clear();
    nearest.push_back(&network);
  }
  ComeFrom(*nearest[random_.Below(nearest.size())]);
}

void Thief::WaitForTheNight() {
  constexpr double kAsleep = 3.5;  // Hours after midnight, of who is awake when most are.
  const Timestamp night = AtLocalHour(world_, account_, day_, kAsleep + account_.waking_shift_hours);
  at_ = night < at_ ? night + std::chrono::hours(24) : night;
}

void Thief::WaitForADayOf(int64_t hours) {
  const Timestamp local = at_ + seconds(world_.OffsetSeconds(account_.city, at_));
  const Timestamp midnight = std::chrono::ceil<std::chrono::days>(local);
  if (local + std::chrono::hours(hours) < midnight) return;
  at_ += midnight - local + std::chrono::hours(1);
}

void Thief::WaitForTheOwnersDay() {
  at_ = std::max(at_, day_.begins_at + std::chrono::hours(24));
  Wait(60, 600);
}

Origin Thief::Now() const {
  return {.address = address_, .gadget = &gadget_, .session = session_, .zone = zone_};
}

void Thief::Fail(schemas::FailureReason reason, schemas::Mfa mfa) {
  scribe_.Login(at_, Now(), LoginOutcome::kFailure, schemas::LoginMethod::kPassword, mfa, reason);
}

void Thief::Guess(int64_t attempts, int64_t seconds_between_max) {
  for (int64_t i = 0; i < attempts; ++i) {
    Fail(schemas::FailureReason::kBadCredentials);
    Wait(2, seconds_between_max);
  }
}

std::string Thief::Enter(schemas::LoginMethod method, schemas::Mfa mfa) {
  session_ = scribe_.NextSession();
  return scribe_.Login(at_, Now(), LoginOutcome::kSuccess, method, mfa);
}

void Thief::RaiseLimit(int64_t to_minor) {
  scribe_.ChangeLimit(at_, Now(), account_.daily_limit_minor, to_minor);
}

void Thief::Send(const std::string& payee, int64_t minor) {
  Movement movement;
  movement.kind = TransactionKind::kTransfer;
  movement.minor = std::max<int64_t>(1, minor);
  movement.counterparty = payee;
  movement.counterparty_type = CounterpartyType::kBankAccount;
  Move(movement);
}

void Thief::Refused(TransactionKind kind, int64_t minor, schemas::DeclineReason reason,
                    const std::string& instrument) {
  Movement movement;
  movement.kind = kind;
  movement.status = TransactionStatus::kDeclined;
  movement.decline_reason = reason;
  movement.minor = std::max<int64_t>(1, minor);
  movement.counterparty = "shop-" + std::to_string(random_.Below(5000));
  movement.instrument = instrument;
  Move(movement);
}

void Thief::EnsureBalance(int64_t minor) {
  if (account_.balance_minor >= minor) return;
  Movement movement;
  movement.kind = TransactionKind::kTopUp;
  movement.minor = minor - account_.balance_minor;
  movement.counterparty = "bank-" + std::to_string(account_.number);
  movement.counterparty_type = CounterpartyType::kBankAccount;
  Move(movement);
  Wait(60, 240);
}

void Thief::OwnerObjects(const std::string& finding) {
  Wait(20 * kMinute, 5 * kHour);
  scribe_.NotMe(at_, finding);
  Wait(60, 600);
  session_.clear();
  UseOwnersPhoneAtHome();
  Change(ChangeKind::kSessionsRevoked);
  Wait(20, 120);
  Change(ChangeKind::kPasswordChanged);
}

std::string Thief::StrangePayee() { return "payee-x" + std::to_string(random_.Below(1'000'000)); }

}  // namespace tocsin::daemon::generate
