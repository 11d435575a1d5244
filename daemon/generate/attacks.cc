#include "daemon/generate/attacks.h"

#include <algorithm>

#include "daemon/generate/single_signs.h"
#include "daemon/generate/strangers.h"
#include "daemon/generate/thief.h"
#include "schemas/finding.h"

namespace tocsin::daemon::generate {
namespace {

using schemas::ChangeKind;
using schemas::CounterpartyType;
using schemas::DeclineReason;
using schemas::FailureReason;
using schemas::LoginMethod;
using schemas::Mfa;
using schemas::TransactionKind;
using schemas::TransactionStatus;
using std::chrono::seconds;
using Kind = AttackKind;

constexpr AttackInfo kCatalogue[] = {
    {Kind::kTakeover, "takeover", 1,
     "guesses the password, locks the owner out, adds a payee, sends the money away"},
    {Kind::kPhishing, "phishing", 1, "has the password, comes from abroad, changes it, sends the money away"},
    {Kind::kPasswordGuessing, "password_guessing", 1, "guesses from one address, in vain"},
    {Kind::kDistributedGuessing, "distributed_guessing", 1, "guesses from many countries at once, in vain"},
    {Kind::kGuessedIn, "guessed_in", 1, "guesses from one address until it is right"},
    {Kind::kImpossibleTravel, "impossible_travel", 1, "takes over a session, from another continent"},
    {Kind::kSessionMoved, "session_moved", 1, "copies the owner's open session and goes on abroad"},
    {Kind::kConcurrentPlaces, "concurrent_places", 1, "has the password and comes while the owner is there"},
    {Kind::kNewCountry, "new_country", 1, "has the password and looks around, from a home abroad"},
    {Kind::kAnonymousNetwork, "anonymous_network", 1, "has the password and looks around, through a VPN"},
    {Kind::kDeviceTampered, "device_tampered", 1, "comes with an emulated, rooted phone"},
    {Kind::kMfaFatigue, "mfa_fatigue", 1, "sends prompts until the owner gives in"},
    {Kind::kPartialSuccess, "partial_success", 1, "has the password but not the second factor"},
    {Kind::kSecondFactorRemoved, "second_factor_removed", 1,
     "comes on a new device and turns the second factor off"},
    {Kind::kSensitiveBurst, "sensitive_burst", 1, "changes everything within minutes"},
    {Kind::kLimitBreach, "limit_breach", 1, "holds the owner's phone and sends more than a day allows"},
    {Kind::kLimitProbing, "limit_probing", 1, "tries larger and larger transfers against the limit"},
    {Kind::kLimitRaisedThenSpent, "limit_raised_then_spent", 1, "raises the limit and uses it"},
    {Kind::kStructuring, "structuring", 1, "sends amounts just under the limit of a transfer"},
    {Kind::kUnusualAmount, "unusual_amount", 1, "pays dozens of times what the owner does"},
    {Kind::kVelocity, "velocity", 1, "pays thirty times in an hour"},
    {Kind::kNewPayeeLarge, "new_payee_large", 1, "adds a payee and sends him a large amount at once"},
    {Kind::kAccountDrain, "account_drain", 1, "sends nearly all of the balance away"},
    {Kind::kPassThrough, "pass_through", 1,
     "lends the account: money comes from many and leaves within hours"},
    {Kind::kCardTesting, "card_testing", 1, "tries stolen cards with small amounts"},
    {Kind::kDormantReactivation, "dormant_reactivation", 1,
     "wakes an account its owner has left for 90 days"},
    {Kind::kRepeatedFailure, "repeated_failure", 1,
     "no attack: top-ups fail again and again, support should call"},
    {Kind::kStuckTransaction, "stuck_transaction", 1,
     "no attack: a withdrawal is neither paid out nor given back"},
    {Kind::kPasswordSpraying, "password_spraying", 12,
     "tries a few common passwords on many accounts, one opens"},
    {Kind::kCredentialStuffing, "credential_stuffing", 25,
     "tries leaked passwords, one for each account, two open"},
    {Kind::kDeviceShared, "device_shared", 6, "uses one device for many accounts"},
    {Kind::kMulePayee, "mule_payee", 5, "sends money from several stolen accounts to one payee"},
    {Kind::kNaiveLogin, "naive_login", 1,
     "has the password: logs in from a rented server in any country, with any device"},
    {Kind::kVpnLogin, "vpn_login", 1, "has the password: logs in through a VPN in the owner's country"},
    {Kind::kTargetedLogin, "targeted_login", 1,
     "has the password: logs in from the owner's city, with the same model and browser"},
    {Kind::kVeryTargetedLogin, "very_targeted_login", 1,
     "has the password and a copy of the device: logs in through the owner's own provider"},
    {Kind::kNewDevice, "new_device", 1, "has the password and sits at the owner's home, with another laptop"},
    {Kind::kNewNetwork, "new_network", 1,
     "has the owner's phone, on a line of a provider the owner does not use"},
    {Kind::kNewRegion, "new_region", 1, "has the password, comes from another city of the owner's country"},
    {Kind::kHighRiskCountry, "high_risk_country", 1, "has the password, comes from a country on many lists"},
    {Kind::kLocaleMismatch, "locale_mismatch", 1,
     "has the password, comes through a home line in the owner's city, with a clock from abroad"},
    {Kind::kUnusualHour, "unusual_hour", 1, "holds the owner's phone while the owner sleeps"},
    {Kind::kCoolingOff, "cooling_off", 1, "comes with a new laptop, waits for hours, sends the money away"},
    {Kind::kLimitApproach, "limit_approach", 1, "holds the owner's phone and sends almost what a day allows"},
    {Kind::kBalanceMismatch, "balance_mismatch", 1, "no attack: the ledger books two payments wrongly"},
    {Kind::kUserReported, "user_reported", 1, "pays with the owner's card; the owner calls support"},
};

std::string ChainOf(Thief& thief, const std::string& first_event) {
  return schemas::FindingId("takeover_chain", AccountId(AccountName(thief.account().number)), {first_event},
                            "");
}

// In, defences down, money out.
void Plunder(Thief& thief, const std::string& entry, const std::string& payee, bool may_object) {
  Random& random = thief.random();
  thief.Wait(60, 400);
  if (random.Chance(0.6)) {
    thief.Change(random.Chance(0.5) ? ChangeKind::kEmailChanged : ChangeKind::kPhoneChanged);
  } else {
    thief.Change(ChangeKind::kNotificationsChanged);
  }
  thief.Wait(30, 200);
  if (random.Chance(0.7)) thief.Change(ChangeKind::kMfaDisabled);
  thief.Wait(30, 200);
  thief.AddPayee(payee);
  thief.Wait(60, 600);
  for (int64_t i = random.Between(int64_t{1}, int64_t{3}); i > 0; --i) {
    const auto share =
        static_cast<int64_t>(static_cast<double>(thief.account().balance_minor) * random.Between(0.3, 0.6));
    thief.Send(payee, std::min(share, thief.account().transfer_limit_minor));
    thief.Wait(40, 400);
  }
  if (may_object && random.Chance(0.5)) thief.OwnerObjects(ChainOf(thief, entry));
}

void FromAbroadWithLaptop(Thief& thief) {
  Random& random = thief.random();
  thief.ComeFromAbroad(random.Chance(0.5) ? NetworkKind::kResidential : NetworkKind::kHosting);
  thief.HoldStrangeLaptop();
}

void WriteLoginAttack(Kind kind, Thief& thief) {
  Random& random = thief.random();
  switch (kind) {
    case Kind::kTakeover: {
      FromAbroadWithLaptop(thief);
      thief.Guess(random.Between(int64_t{6}, int64_t{30}), 60);
      const std::string entry = thief.Enter();
      return Plunder(thief, entry, thief.StrangePayee(), true);
    }
    case Kind::kPhishing: {
      FromAbroadWithLaptop(thief);
      const std::string entry = thief.Enter(LoginMethod::kPassword, Mfa::kSms);
      thief.Wait(30, 300);
      thief.Change(ChangeKind::kPasswordChanged);
      return Plunder(thief, entry, thief.StrangePayee(), true);
    }
    case Kind::kPasswordGuessing:
      FromAbroadWithLaptop(thief);
      return thief.Guess(random.Between(int64_t{15}, int64_t{60}), 20);
    case Kind::kDistributedGuessing:
      for (int64_t i = random.Between(int64_t{12}, int64_t{40}); i > 0; --i) {
        FromAbroadWithLaptop(thief);
        thief.Guess(1, 50);
      }
      return;
    case Kind::kGuessedIn:
      FromAbroadWithLaptop(thief);
      thief.Guess(random.Between(int64_t{5}, int64_t{25}), 40);
      thief.Enter();
      return;
    case Kind::kImpossibleTravel: {
      thief.UseOwnersPhoneAtHome();
      thief.Enter(LoginMethod::kBiometric);
      thief.Wait(20 * kMinute, 90 * kMinute);
      thief.ComeFromAnotherContinent(NetworkKind::kResidential);
      thief.HoldStrangeLaptop();
      thief.Enter(LoginMethod::kToken);
      return;
    }
    case Kind::kSessionMoved:
      thief.UseOwnersPhoneAtHome();
      thief.Enter(LoginMethod::kBiometric);
      thief.Wait(5 * kMinute, 60 * kMinute);
      FromAbroadWithLaptop(thief);
      thief.Change(ChangeKind::kNotificationsChanged);
      thief.Wait(60, 600);
      thief.EnsureBalance(thief.account().payment_minor * 5);
      return thief.Send(thief.StrangePayee(), thief.account().payment_minor * 5);
    case Kind::kConcurrentPlaces:
      thief.UseOwnersPhoneAtHome();
      thief.Enter(LoginMethod::kBiometric);
      thief.Wait(60, 10 * kMinute);
      thief.ComeFromAnotherContinent(NetworkKind::kResidential);
      thief.HoldStrangeLaptop();
      thief.Enter();
      return;
    case Kind::kNewCountry:
      thief.ComeFromAbroad(NetworkKind::kResidential);
      thief.HoldStrangeLaptop();
      thief.Enter();
      return;
    case Kind::kAnonymousNetwork:
      thief.ComeFromAbroad(NetworkKind::kResidential);  // Where his clock is.
      thief.HideIn(thief.account().city, NetworkKind::kAnonymiser);
      thief.HoldStrangeLaptop();
      thief.Enter();
      return;
    case Kind::kDeviceTampered:
      thief.ComeFrom(thief.account().city, NetworkKind::kResidential);
      thief.Hold(StrangePhone(random, true));
      thief.Enter();
      return;
    case Kind::kMfaFatigue:
      FromAbroadWithLaptop(thief);
      for (int64_t i = random.Between(int64_t{5}, int64_t{9}); i > 0; --i) {
        thief.Fail(random.Chance(0.5) ? FailureReason::kMfaDenied : FailureReason::kMfaTimeout, Mfa::kPush);
        thief.Wait(20, 55);
      }
      thief.Enter(LoginMethod::kPassword, Mfa::kPush);
      return;
    case Kind::kPartialSuccess:
      FromAbroadWithLaptop(thief);
      thief.Fail(FailureReason::kMfaFailed, Mfa::kTotp);
      thief.Wait(10, 40);
      thief.Fail(FailureReason::kMfaFailed, Mfa::kTotp);
      return;
    case Kind::kSecondFactorRemoved:
      FromAbroadWithLaptop(thief);
      thief.Enter();
      thief.Wait(60, 900);
      thief.Change(ChangeKind::kMfaDisabled);
      return;
    default: {  // kSensitiveBurst
      thief.ComeFrom(thief.account().city, NetworkKind::kResidential);
      thief.HoldStrangeLaptop();
      thief.Enter();
      for (const ChangeKind change : {ChangeKind::kPasswordChanged, ChangeKind::kEmailChanged,
                                      ChangeKind::kPhoneChanged, ChangeKind::kMfaMethodRemoved}) {
        thief.Wait(20, 100);
        thief.Change(change);
      }
    }
  }
}

// Sends `total` in parts that the limit of one transfer allows.
void SendInParts(Thief& thief, const std::string& payee, int64_t total, int64_t seconds_between_max) {
  thief.EnsureBalance(total);
  while (total > 0) {
    const int64_t part = std::min(
        total, thief.account().transfer_limit_minor * thief.random().Between(int64_t{70}, int64_t{95}) / 100);
    thief.Send(payee, part);
    total -= part;
    thief.Wait(60, seconds_between_max);
  }
}

void WriteMoneyAttack(Kind kind, Thief& thief) {
  Random& random = thief.random();
  Account& account = thief.account();
  const std::string payee = thief.StrangePayee();
  thief.UseOwnersPhoneAtHome();
  if (kind != Kind::kCardTesting && kind != Kind::kPassThrough) thief.Enter(LoginMethod::kBiometric);
  thief.Wait(30, 300);
  switch (kind) {
    case Kind::kLimitBreach:
      thief.WaitForADayOf(7);
      return SendInParts(thief, payee,
                         account.daily_limit_minor * random.Between(int64_t{120}, int64_t{180}) / 100, 3600);
    case Kind::kLimitProbing:
      for (int64_t percent = 60; percent <= 160; percent += 20) {
        const int64_t minor = account.transfer_limit_minor * percent / 100;
        if (percent <= 100) {
          thief.EnsureBalance(minor);
          thief.Send(payee, minor);
        } else {
          thief.Refused(TransactionKind::kTransfer, minor, DeclineReason::kLimitExceeded, "");
        }
        thief.Wait(60, 900);
      }
      return;
    case Kind::kLimitRaisedThenSpent:
      thief.RaiseLimit(account.daily_limit_minor * 3);
      thief.Wait(60, 1800);
      return SendInParts(thief, payee, account.daily_limit_minor * 28 / 10, 1800);
    case Kind::kStructuring:
      for (int64_t i = random.Between(int64_t{4}, int64_t{7}); i > 0; --i) {
        const int64_t minor = account.transfer_limit_minor * random.Between(int64_t{90}, int64_t{99}) / 100;
        thief.EnsureBalance(minor);
        thief.Send(payee, minor);
        thief.Wait(1800, 3 * kHour);
      }
      return;
    case Kind::kUnusualAmount: {
      Movement movement;
      movement.minor = account.payment_minor * random.Between(int64_t{30}, int64_t{60});
      movement.counterparty = "shop-" + std::to_string(random.Below(5000));
      thief.EnsureBalance(movement.minor);
      return thief.Move(movement);
    }
    case Kind::kVelocity:
      thief.EnsureBalance(account.payment_minor * 40);
      for (int64_t i = random.Between(int64_t{25}, int64_t{35}); i > 0; --i) {
        Movement movement;
        movement.minor = account.payment_minor * random.Between(int64_t{60}, int64_t{120}) / 100;
        movement.counterparty = "shop-" + std::to_string(random.Below(5000));
        thief.Move(movement);
        thief.Wait(30, 100);
      }
      return;
    case Kind::kNewPayeeLarge:
      thief.AddPayee(payee);
      thief.Wait(120, 1800);
      thief.EnsureBalance(account.transfer_limit_minor);
      return thief.Send(payee, account.transfer_limit_minor * random.Between(int64_t{80}, int64_t{99}) / 100);
    case Kind::kAccountDrain: {
      const int64_t limit = account.transfer_limit_minor;
      thief.WaitForTheOwnersDay();
      thief.EnsureBalance(limit * 3 / 4);
      // Until one transfer may take what is left.
      while (account.balance_minor > limit) {
        thief.Send(payee, std::min(limit * 9 / 10, account.balance_minor - limit * 3 / 4));
        thief.Wait(60, 600);
      }
      return thief.Send(payee, account.balance_minor * random.Between(int64_t{94}, int64_t{99}) / 100);
    }
    case Kind::kPassThrough: {
      int64_t received = 0;
      for (int64_t i = random.Between(int64_t{3}, int64_t{6}); i > 0; --i) {
        Movement movement;
        movement.kind = TransactionKind::kTransfer;
        movement.incoming = true;
        movement.minor = account.payment_minor * random.Between(int64_t{20}, int64_t{40});
        movement.counterparty = "sender-" + std::to_string(random.Below(1'000'000));
        movement.counterparty_type = CounterpartyType::kPerson;
        received += movement.minor;
        thief.Move(movement);
        thief.Wait(300, 3600);
      }
      thief.Enter(LoginMethod::kBiometric);
      thief.Wait(30, 300);
      return SendInParts(thief, payee, received * 95 / 100, 900);
    }
    case Kind::kCardTesting: {
      thief.ComeFromAbroad(NetworkKind::kHosting);
      thief.HoldStrangeLaptop();
      const uint64_t stolen = random.Below(1'000'000);
      const int64_t tries = random.Between(int64_t{8}, int64_t{15});
      for (int64_t i = 0; i < tries; ++i) {
        thief.Refused(TransactionKind::kPayment, account.payment_minor * (i + 1) / 40,
                      DeclineReason::kInvalidInstrument,
                      "card-x" + std::to_string(stolen + static_cast<uint64_t>(i / 3)));
        thief.Wait(15, 120);
      }
      return;
    }
    case Kind::kRepeatedFailure:
      for (int64_t i = random.Between(int64_t{3}, int64_t{5}); i > 0; --i) {
        thief.Refused(TransactionKind::kTopUp, account.payment_minor * 50, DeclineReason::kInvalidInstrument,
                      "card-" + std::to_string(account.number) + "-1");
        thief.Wait(60, 600);
      }
      return;
    default: {  // kStuckTransaction
      Movement movement;
      movement.kind = TransactionKind::kWithdrawal;
      movement.status = TransactionStatus::kAuthorized;
      movement.minor = account.payment_minor * 5;
      movement.counterparty = "bank-" + std::to_string(account.number);
      movement.counterparty_type = CounterpartyType::kBankAccount;
      thief.EnsureBalance(movement.minor);
      thief.Move(movement);
    }
  }
}

void WriteDormant(Thief& thief) {
  FromAbroadWithLaptop(thief);
  thief.Enter();
  thief.Wait(60, 600);
  thief.EnsureBalance(thief.account().payment_minor * 30);
  thief.Send(thief.StrangePayee(), thief.account().payment_minor * 30);
}

// All its accounts are hit from one address with one device, at about one time.
void WriteCampaign(Kind kind, Thief& thief, const Target& target) {
  Random shared(target.campaign, 1, 0);
  thief.ComeFrom(static_cast<int>(shared.Below(Cities().size())), NetworkKind::kHosting, shared);
  thief.Hold(StrangePhone(shared, false));
  switch (kind) {
    case Kind::kPasswordSpraying:
      thief.Guess(3, 600);
      if (target.place == 0) thief.Enter();
      return;
    case Kind::kCredentialStuffing:
      if (target.place >= 2) return thief.Guess(1, 60);
      thief.Enter();
      return;
    case Kind::kDeviceShared:
      thief.Enter();
      return;
    default: {  // kMulePayee
      FromAbroadWithLaptop(thief);
      const std::string entry = thief.Enter();
      return Plunder(thief, entry, "payee-x" + std::to_string(shared.Below(1'000'000)), false);
    }
  }
}

}  // namespace

std::span<const AttackInfo> AttackCatalogue() { return kCatalogue; }

const AttackInfo& InfoOf(AttackKind kind) { return kCatalogue[static_cast<size_t>(kind)]; }

Label WriteAttack(AttackKind kind, Scribe& scribe, const Day& day, const Target& target, Random& random) {
  Label label{.account = scribe.account().number, .kind = kind};
  scribe.Collect(&label.event_ids);
  const bool campaign = InfoOf(kind).accounts > 1;
  Random shared(target.campaign);
  const uint64_t second = shared.Below(20 * kHour) + (campaign ? random.Below(1800) : 0);
  Thief thief(scribe, day, day.begins_at + seconds(second), random);
  label.from = thief.at();
  if (campaign) {
    WriteCampaign(kind, thief, target);
  } else if (kind >= Kind::kNewDevice) {
    WriteSingleSign(kind, thief);
  } else if (kind >= Kind::kNaiveLogin) {
    WriteStranger(kind, thief);
  } else if (kind == Kind::kDormantReactivation) {
    WriteDormant(thief);
  } else if (kind < Kind::kLimitBreach) {
    WriteLoginAttack(kind, thief);
  } else {
    WriteMoneyAttack(kind, thief);
  }
  label.until = thief.at();
  scribe.Collect(nullptr);
  return label;
}

}  // namespace tocsin::daemon::generate
