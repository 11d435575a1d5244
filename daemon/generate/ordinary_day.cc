#include "daemon/generate/ordinary_day.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace tocsin::daemon::generate {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

using schemas::ChangeKind;
using schemas::Channel;
using schemas::CounterpartyType;
using schemas::DeclineReason;
using schemas::FailureReason;
using schemas::LoginMethod;
using schemas::LoginOutcome;
using schemas::Mfa;
using schemas::TransactionKind;
using schemas::TransactionStatus;

constexpr int kDaySeconds = 86'400;

// Chances of an honest session.
constexpr double kTypo = 0.04;
constexpr double kFactorTypo = 0.02;
// Chances of an honest day.
constexpr double kPasswordChanged = 0.0008;
constexpr double kPhoneChanged = 0.0003;
constexpr double kFactorAdded = 0.0003;
constexpr double kPayeeAdded = 0.006;
// Chances of the day on which an account is opened, and of those after it until all first payees are known.
constexpr double kFundedAtOnce = 0.85;
constexpr double kPayeeAtOnce = 0.4;
constexpr double kFirstPayees = 0.2;
constexpr double kPaidWhenAdded = 0.5;
constexpr int kDaysToFirstSalary = 3;  // An employer is told, and a card is sent.

std::string PayeeName(const Account& account, uint32_t number) {
  return "payee-" + std::to_string(account.number) + "-" + std::to_string(number);
}

// An amount people pay: log-normal about `median`, and round where people choose it themselves.
int64_t Amount(Random& random, int64_t median, double spread, bool round) {
  const double minor = static_cast<double>(median) * std::exp(spread * random.Normal());
  auto amount = std::max<int64_t>(1, std::llround(minor));
  if (!round) return amount;
  int64_t unit = 1;
  while (unit * 50 < amount) unit *= 10;
  return std::max<int64_t>(unit, (amount + unit / 2) / unit * unit);
}

class Session {
 public:
  Session(Scribe& scribe, Random& random, Timestamp at, Origin origin)
      : scribe_(scribe), account_(scribe.account()), random_(random), at_(at), origin_(std::move(origin)) {}

  // The account is opened: a password, what it is secured with, and most often the first money.
  void Open() {
    scribe_.Profile(at_, at_);
    Pass(20, 200);
    scribe_.Login(at_, origin_, LoginOutcome::kSuccess, LoginMethod::kPassword, Mfa::kNoFactor);
    Pass(20, 120);
    if (FactorOf(account_) != Mfa::kNoFactor) Change(ChangeKind::kMfaMethodAdded);
    if (random_.Chance(kFundedAtOnce)) TopUp(Amount(random_, account_.payment_minor * 20, 0.6, true));
    if (random_.Chance(kPayeeAtOnce)) AddPayee();
  }

  void SignIn() {
    const Mfa factor = FactorOf(account_);
    const bool biometric = origin_.gadget->channel == Channel::kApp && account_.phone % 2 == 0;
    const LoginMethod method = biometric ? LoginMethod::kBiometric : LoginMethod::kPassword;
    if (!biometric && random_.Chance(kTypo)) {
      for (int64_t i = random_.Between(int64_t{1}, int64_t{2}); i > 0; --i) {
        scribe_.Login(at_, WithoutSession(), LoginOutcome::kFailure, method, Mfa::kNone,
                      FailureReason::kBadCredentials);
        Pass(5, 40);
      }
    }
    if (factor != Mfa::kNoFactor && random_.Chance(kFactorTypo)) {
      scribe_.Login(at_, WithoutSession(), LoginOutcome::kFailure, method, factor, FailureReason::kMfaFailed);
      Pass(10, 60);
    }
    scribe_.Login(at_, origin_, LoginOutcome::kSuccess, method, factor);
    Pass(5, 90);
  }

  void Change(ChangeKind change, std::string_view payee = {}) {
    scribe_.Change(at_, origin_, change, payee);
    Pass(20, 120);
  }

  void AddPayee() { Change(ChangeKind::kPayeeAdded, PayeeName(account_, account_.payees++)); }

  void Announce(std::string_view country, Timestamp from, Timestamp until) {
    scribe_.TravelNotice(at_, origin_, country, from, until);
    Pass(20, 120);
  }

  void Pay(std::string_view country) {
    const double what = random_.Unit();
    Movement movement;
    movement.country = country;
    if (what < 0.80) {
      movement.counterparty = "shop-" + std::to_string(random_.Below(5000));
      movement.minor = Amount(random_, account_.payment_minor, 0.5, false);
    } else if (what < 0.95) {
      if (account_.payees == 0) AddPayee();
      return PayPayee(static_cast<uint32_t>(random_.Below(account_.payees)));
    } else {
      movement.kind = TransactionKind::kWithdrawal;
      movement.counterparty = "atm-" + std::to_string(random_.Below(800));
      movement.counterparty_type = CounterpartyType::kTerminal;
      movement.minor =
          std::min(Amount(random_, account_.payment_minor * 5, 0.3, true), account_.transfer_limit_minor / 2);
    }
    PayOrTopUp(movement);
  }

  void PayPayee(uint32_t number) {
    Movement movement;
    movement.kind = TransactionKind::kTransfer;
    movement.counterparty = PayeeName(account_, number);
    movement.counterparty_type = CounterpartyType::kPerson;
    movement.minor =
        std::min(Amount(random_, account_.payment_minor * 4, 0.5, true), account_.transfer_limit_minor / 2);
    PayOrTopUp(movement);
  }

  // The ledger's own doing.
  void ReceiveSalary(int64_t minor) {
    Movement movement;
    movement.kind = TransactionKind::kTransfer;
    movement.incoming = true;
    movement.minor = minor;
    movement.counterparty = "employer-" + std::to_string(account_.number);
    movement.counterparty_type = CounterpartyType::kBankAccount;
    scribe_.Transact(at_, {}, movement);
    Pass(20, 200);
  }

  void TopUp(int64_t minor) {
    Movement movement;
    movement.kind = TransactionKind::kTopUp;
    movement.minor = minor;
    movement.counterparty = "bank-" + std::to_string(account_.number);
    movement.counterparty_type = CounterpartyType::kBankAccount;
    scribe_.Transact(at_, origin_, movement);
    Pass(20, 200);
  }

 private:
  [[nodiscard]] Origin WithoutSession() const { return {origin_.address, origin_.gadget, {}, origin_.zone}; }

  void Pass(int64_t low, int64_t high) { at_ += seconds(random_.Between(low, high)); }

  void PayOrTopUp(const Movement& movement) {
    if (movement.minor > account_.balance_minor) return TopUpInstead(movement);
    Move(movement);
  }

  // The purse is empty: now and then the payment is tried all the same.
  void TopUpInstead(Movement movement) {
    if (random_.Chance(0.3)) {
      movement.status = TransactionStatus::kDeclined;
      movement.decline_reason = DeclineReason::kInsufficientFunds;
      scribe_.Transact(at_, origin_, movement);
      Pass(20, 120);
    }
    TopUp(Amount(random_, account_.payment_minor * 60, 0.2, true));
  }

  void Move(Movement movement) {
    if (random_.Chance(0.01)) {
      movement.status = TransactionStatus::kDeclined;
      movement.decline_reason = DeclineReason::kOther;
      scribe_.Transact(at_, origin_, movement);
      Pass(10, 60);
      return;
    }
    if (!random_.Chance(0.3)) {
      scribe_.Transact(at_, origin_, movement);
      Pass(20, 240);
      if (movement.kind == TransactionKind::kPayment && random_.Chance(0.012)) Refund(movement);
      return;
    }
    movement.status = TransactionStatus::kAuthorized;
    Movement after = movement;
    scribe_.Transact(at_, origin_, movement);
    after.transaction_id = scribe_.LastTransactionId();
    // The ledger's own doing: no address, no device.
    if (random_.Chance(0.02)) {
      Pass(10, 60);
      after.status = TransactionStatus::kReversed;
      scribe_.Transact(at_, {}, after);
    } else {
      after.status = TransactionStatus::kCompleted;
      scribe_.Transact(at_ + seconds(random_.Between(int64_t{2}, int64_t{4 * kHour})), {}, after);
    }
    Pass(20, 240);
  }

  void Refund(const Movement& payment) {
    Movement refund = payment;
    refund.kind = TransactionKind::kRefund;
    scribe_.Transact(at_, {}, refund);
    Pass(20, 240);
  }

  Scribe& scribe_;
  Account& account_;
  Random& random_;
  Timestamp at_;
  Origin origin_;
};

// A card at a till: neither address nor device, and nobody signs in.
void PayAtTill(Scribe& scribe, Timestamp at, std::string_view country, Random& random) {
  Account& account = scribe.account();
  Movement movement;
  movement.counterparty = "shop-" + std::to_string(random.Below(5000));
  movement.country = country;
  movement.instrument = "card-" + std::to_string(account.number) + "-1";
  movement.at_till = true;
  movement.minor = Amount(random, account.payment_minor, 0.5, false);
  if (movement.minor > account.balance_minor) {
    movement.status = TransactionStatus::kDeclined;
    movement.decline_reason = DeclineReason::kInsufficientFunds;
  }
  scribe.Transact(at, {}, movement);
}

Gadget PickGadget(const Account& account, const Journey& journey, int day, Random& random) {
  // Who roams has no other line: the laptop stays in its bag.
  if (journey.away && journey.roaming_only) return PhoneOf(account, day);
  if (account.shares_device && random.Chance(0.2)) return SharedTabletOf(account);
  if (account.has_laptop && random.Chance(0.3)) return LaptopOf(account, day);
  return PhoneOf(account, day);
}

}  // namespace

Origin OwnersOrigin(const World& world, const Account& account, const Journey& journey, const Gadget& gadget,
                    bool office_hours, Random& random) {
  Origin origin{.gadget = &gadget};
  const bool phone = gadget.channel == Channel::kApp;
  // A phone goes by the clock of where it is, a laptop by that of home.
  origin.zone = world.city(phone && journey.away ? journey.city : account.city).zone;
  if (account.vpn != nullptr && random.Chance(0.6)) {
    origin.address = World::PickAddress(random, *account.vpn);
  } else if (journey.away) {
    const bool through_home = phone && (journey.roaming_only || (journey.roaming_too && random.Chance(0.4)));
    origin.address =
        through_home
            ? World::PickAddress(random, *account.carrier)
            : World::PickAddress(random, world.PickNetwork(random, journey.city, NetworkKind::kResidential));
  } else if (phone && random.Chance(0.45)) {
    origin.address = World::PickAddress(random, *account.carrier);
  } else if (account.work != nullptr && office_hours) {
    origin.address = account.work_address;
  } else {
    origin.address = account.home_address;
  }
  return origin;
}

Timestamp AtLocalHour(const World& world, const Account& account, const Day& day, double hour) {
  const auto local = static_cast<int64_t>(hour * 3600);
  const int64_t utc = local - world.OffsetSeconds(account.city, day.begins_at);
  return day.begins_at + seconds(((utc % kDaySeconds) + kDaySeconds) % kDaySeconds);
}

Timestamp WakingTime(const World& world, const Account& account, const Day& day, Random& random) {
  const double part = random.Unit();
  double hour = 20.2 + 1.6 * random.Normal();
  if (part < 0.3) hour = 8.4 + 1.0 * random.Normal();
  if (part >= 0.3 && part < 0.62) hour = 12.8 + 1.5 * random.Normal();
  hour += account.waking_shift_hours;
  return AtLocalHour(world, account, day, hour) + Millis(random.Below(1000));
}

void LiveOneDay(Scribe& scribe, uint64_t seed, const Day& day, Random& random) {
  Account& account = scribe.account();
  if (account.silent || day.number < account.opened_day) return;
  const bool opens = day.number == account.opened_day;
  const bool settled = account.opened_day < 0 || day.number >= account.opened_day + kDaysToFirstSalary;
  const World& world = scribe.world();
  const Journey journey = JourneyOn(world, seed, account, day.number);
  const bool announces = journey.announced && day.number == std::max(0, journey.first_day - 1);
  if (journey.away && journey.moving && !opens) return;
  const std::string_view country = journey.away ? world.city(journey.city).country : std::string_view{};

  int sessions = random.Poisson(account.sessions_a_day);
  const bool pay_day = day.month_day == account.pay_day && !journey.away && settled;
  if (announces || pay_day || opens) sessions = std::max(sessions, 1);
  // In order of time, because each payment tells the balance.
  std::vector<Timestamp> times;
  times.reserve(static_cast<size_t>(sessions));
  for (int i = 0; i < sessions; ++i) times.push_back(WakingTime(world, account, day, random));
  std::sort(times.begin(), times.end());
  const bool to_till = random.Chance(0.35);
  const Timestamp till_at = WakingTime(world, account, day, random);
  bool paid_at_till = !to_till || !settled;
  const auto pay_at_till = [&](Timestamp before) {
    if (paid_at_till || till_at >= before) return;
    paid_at_till = true;
    PayAtTill(scribe, till_at, country, random);
  };

  for (size_t i = 0; i < times.size(); ++i) {
    const Timestamp at = times[i];
    pay_at_till(at);
    const int64_t local_hour =
        ((ToMillis(at) / 1000 + world.OffsetSeconds(account.city, at)) % kDaySeconds) / 3600;
    const bool office_hours = day.weekday != 0 && day.weekday != 6 && local_hour >= 9 && local_hour < 18;
    const Gadget gadget = PickGadget(account, journey, day.number, random);
    Origin origin = OwnersOrigin(world, account, journey, gadget, office_hours, random);
    origin.session = scribe.NextSession();
    Session session(scribe, random, at, std::move(origin));
    if (i == 0 && opens) {
      session.Open();
    } else {
      session.SignIn();
    }
    if (i == 0 && announces) {
      session.Announce(world.city(journey.city).country, day.begins_at + hours(24),
                       day.begins_at + hours(24) * (journey.last_day - journey.first_day + 2));
    }
    if (i == 0 && pay_day) {
      const int64_t minor = Amount(random, account.payment_minor * 80, 0.1, true);
      account.gets_salary ? session.ReceiveSalary(minor) : session.TopUp(minor);
    }
    if (i == 0 && !opens && account.payees < account.first_payees && random.Chance(kFirstPayees)) {
      session.AddPayee();
      if (random.Chance(kPaidWhenAdded)) session.PayPayee(account.payees - 1U);
    }
    if (i == 0 && random.Chance(kPasswordChanged)) session.Change(ChangeKind::kPasswordChanged);
    if (i == 0 && random.Chance(kPhoneChanged)) session.Change(ChangeKind::kPhoneChanged);
    if (i == 0 && random.Chance(kFactorAdded)) session.Change(ChangeKind::kMfaMethodAdded);
    if (i == 0 && account.payees < 20 && random.Chance(kPayeeAdded)) {
      session.AddPayee();
    }
    const int payments = random.Poisson(account.payments_a_session);
    for (int p = 0; p < payments; ++p) session.Pay(country);
  }
  pay_at_till(Timestamp::max());
}

}  // namespace tocsin::daemon::generate
