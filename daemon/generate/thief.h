// What a thief does, in his own time: the vocabulary attacks are told in.
#pragma once

#include <string>

#include "daemon/generate/ordinary_day.h"
#include "daemon/generate/scribe.h"

namespace tocsin::daemon::generate {

class Thief {
 public:
  Thief(Scribe& scribe, const Day& day, Timestamp at, Random& random)
      : scribe_(scribe),
        account_(scribe.account()),
        world_(scribe.world()),
        day_(day),
        random_(random),
        at_(at) {}

  [[nodiscard]] Timestamp at() const { return at_; }
  void Wait(int64_t seconds_min, int64_t seconds_max);

  // From where, and with what. Without a device of his own he holds the owner's phone, at the owner's home.
  void ComeFromAbroad(NetworkKind kind);
  // Abroad, where clocks are seven hours or more off the owner's: off every other of his country, and no
  // flight of an hour.
  void ComeFromAnotherContinent(NetworkKind kind);
  void ComeFrom(int city, NetworkKind kind) { ComeFrom(city, kind, random_); }
  void ComeFrom(int city, NetworkKind kind, Random& random);
  void ComeFrom(const Network& network) { address_ = World::PickAddress(random_, network); }
  // Anywhere in the city's country; of another kind where the country has none.
  void ComeFromCountryOf(int city, NetworkKind kind);
  // Of a network that is none of the owner's: in his city, else in his country, else anywhere.
  void ComeFromAnotherProvider();
  // Behind an address there; the clock stays where it is.
  void HideIn(int city, NetworkKind kind);
  void Hold(Gadget gadget) { gadget_ = std::move(gadget); }
  void HoldStrangeLaptop() { gadget_ = StrangeLaptop(random_, account_, day_.number); }
  void UseOwnersPhoneAtHome();
  // Until the owner sleeps, if he is at home.
  void WaitForTheNight();
  // Until a day at the owner's home lasts so many hours yet: what counts by the day is then counted together.
  void WaitForADayOf(int64_t hours);
  // Until what the owner does today is done, and the balance is what he left.
  void WaitForTheOwnersDay();

  void Fail(schemas::FailureReason reason, schemas::Mfa mfa = schemas::Mfa::kNone);
  void Guess(int64_t attempts, int64_t seconds_between_max);
  // A successful login; answers its event's id.
  std::string Enter(schemas::LoginMethod method = schemas::LoginMethod::kPassword,
                    schemas::Mfa mfa = schemas::Mfa::kNoFactor);
  void Change(schemas::ChangeKind change) { scribe_.Change(at_, Now(), change); }
  void RaiseLimit(int64_t to_minor);
  void AddPayee(const std::string& payee) {
    scribe_.Change(at_, Now(), schemas::ChangeKind::kPayeeAdded, payee);
  }
  void Send(const std::string& payee, int64_t minor);
  void Refused(schemas::TransactionKind kind, int64_t minor, schemas::DeclineReason reason,
               const std::string& instrument);
  void Move(const Movement& movement) { scribe_.Transact(at_, Now(), movement); }
  // What the account must hold for what follows, from the owner's bank account.
  void EnsureBalance(int64_t minor);

  // The owner is asked, says it was not him, and puts things right. `finding` was found about him.
  void OwnerObjects(const std::string& finding);

  // The owner does not know the last payment, and support is told so.
  void OwnerReportsLastPayment() { scribe_.Disputed(at_, scribe_.LastTransactionId()); }

  [[nodiscard]] std::string StrangePayee();
  [[nodiscard]] int day() const { return day_.number; }
  [[nodiscard]] Account& account() { return account_; }
  [[nodiscard]] Random& random() { return random_; }

 private:
  [[nodiscard]] Origin Now() const;

  Scribe& scribe_;
  Account& account_;
  const World& world_;
  const Day& day_;
  Random& random_;
  Timestamp at_;
  uint32_t address_ = 0;
  std::string_view zone_;
  Gadget gadget_;
  std::string session_;
};

}  // namespace tocsin::daemon::generate
