// Law: an event written as JSON and decoded again is the same event.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "schemas/encode.h"
#include "schemas/enum_names.h"
#include "schemas/event_decoder.h"

namespace tocsin::schemas {
namespace {

// Random events from one seed; every optional member is there half of the time.
class EventMaker {
 public:
  explicit EventMaker(uint32_t seed) : random_(seed) {}

  Event Make() {
    Event event;
    event.event_id = EventId(Id());
    event.source = Id();
    event.account_id = AccountId(Id());
    event.occurred_at = Time();
    if (Coin()) event.tenant = Id();
    if (Coin()) event.session_id = Id();
    if (Coin()) event.ip = Coin() ? IpAddress::FromV4(static_cast<uint32_t>(random_())) : V6();
    if (Coin()) event.user_agent = Text();
    if (Coin()) event.channel = Any<Channel>();
    if (Coin()) event.locale = Pick({"en", "zh-CN", "sr-Latn-RS", "de-1996"});
    if (Coin()) event.timezone = Zone();
    if (Coin()) event.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    if (Coin()) event.device = MakeDevice();
    switch (Below(5)) {
      case 0:
        event.payload = MakeLogin();
        break;
      case 1:
        event.payload = MakeTransaction();
        break;
      case 2:
        event.payload = MakeChange();
        break;
      case 3: {
        AccountProfile profile = MakeProfile();
        profile.locale = event.locale;  // One member, read by both.
        profile.timezone = event.timezone;
        event.payload = std::move(profile);
        break;
      }
      default:
        event.payload = MakeFeedback();
    }
    event.type = static_cast<EventType>(event.payload.index() + 1);
    return event;
  }

 private:
  size_t Below(size_t end) { return random_() % end; }
  bool Coin() { return Below(2) == 0; }
  template <class E>
  E Any() {
    const auto names = EnumNames<E>();
    return names[Below(names.size())].value;
  }
  std::string Pick(std::initializer_list<const char*> texts) {
    return *(texts.begin() + Below(texts.size()));
  }
  // Any code points, those that JSON must escape included.
  std::string Text() {
    static constexpr const char* kPieces[] = {"a",    "Z", "\"", "\\", "/", "\n",  "\t",
                                              "\x01", "é", "账", "😀",  " ", "\x7f"};
    std::string text = "x";
    for (size_t i = Below(20); i > 0; --i) text += kPieces[Below(std::size(kPieces))];
    return text;
  }
  std::string Id() {
    static constexpr const char* kPieces[] = {"a", "7", "-", "_", "é", "账", "😀", "\"", "\\", "{"};
    std::string text = "i";
    for (size_t i = Below(30); i > 0; --i) text += kPieces[Below(std::size(kPieces))];
    return text;
  }
  std::string Zone() {
    return Pick({"Asia/Shanghai", "America/Argentina/Buenos_Aires", "UTC", "+05:30", "-720", "480"});
  }
  std::string Country() { return Pick({"CN", "SG", "DE", "XK", "US"}); }
  Timestamp Time() { return FromMillis(static_cast<int64_t>(random_() % 253402300800000)); }
  Currency Money3() { return *Currency::Find(Pick({"CNY", "JPY", "KWD", "USD"})); }
  int64_t Minor() { return static_cast<int64_t>(random_() % (kMoneyMinorMax + 1)) >> Below(50); }
  IpAddress V6() {
    std::array<uint8_t, 16> bytes{};
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(Coin() ? 0 : random_());
    return IpAddress::FromBytes(bytes);
  }

  ReportedDevice MakeDevice() {
    ReportedDevice device;
    device.present = true;
    if (Coin()) device.id = Id();
    if (Coin()) device.platform = Any<Platform>();
    if (Coin()) device.model = Text();
    if (Coin()) device.os_version = Text();
    if (Coin()) device.app_version = Text();
    if (Coin()) device.name = Text();
    device.emulator = Coin();
    device.rooted = Coin();
    return device;
  }
  Login MakeLogin() {
    Login login{.outcome = Any<LoginOutcome>()};
    if (Coin()) login.failure_reason = Any<FailureReason>();
    if (Coin()) login.method = Any<LoginMethod>();
    if (Coin()) login.mfa = Any<Mfa>();
    return login;
  }
  Transaction MakeTransaction() {
    Transaction made;
    made.transaction_id = Id();
    made.kind = Any<TransactionKind>();
    made.direction = Any<Direction>();
    made.status = Any<TransactionStatus>();
    made.amount = {Minor(), Money3()};
    if (Coin()) made.decline_reason = Any<DeclineReason>();
    if (Coin()) made.balance_after_minor = Coin() ? Minor() : -Minor();
    if (Coin()) made.counterparty.id = Id();
    if (Coin()) made.counterparty.name = Text();
    if (Coin()) made.counterparty.country = Country();
    if (Coin()) made.counterparty.type = Any<CounterpartyType>();
    if (Coin()) made.instrument.id = Id();
    if (Coin()) made.instrument.type = Any<InstrumentType>();
    if (Coin()) made.cross_border = Coin();
    return made;
  }
  Contact MakeContact() { return {Any<ContactChannel>(), Id(), Coin(), Coin()}; }
  AccountChange MakeChange() {
    AccountChange made{.change = Any<ChangeKind>()};
    if (Coin()) made.previous_contact = MakeContact();
    if (Coin()) made.payee_id = Id();
    if (Coin()) {
      ChangedLimit& limit = made.limit.emplace();
      limit.name = Id();
      if (Coin()) limit.currency = Money3();
      if (Coin() && !limit.currency.none()) limit.previous_minor = Minor();
      if (Coin() && !limit.currency.none()) limit.value_minor = Minor();
    }
    if (Coin() || made.change == ChangeKind::kTravelNotice) {
      Travel& travel = made.travel.emplace();
      travel.from = Time();
      travel.until = std::max(travel.from, Time());
      for (size_t i = Below(4) + 1; i > 0; --i) travel.countries.push_back(Country());
    }
    return made;
  }
  AccountProfile MakeProfile() {
    AccountProfile made;
    if (Coin()) made.display_name = Text();
    for (size_t i = Below(4); i > 0; --i) made.contacts.push_back(MakeContact());
    if (Coin()) made.country = Country();
    if (Coin()) made.tier = Id();
    if (Coin()) made.opened_at = Time();
    if (Coin()) made.status = Any<AccountStatus>();
    for (size_t i = Below(4); i > 0; --i) made.limits.push_back({Id(), {Minor(), Money3()}});
    return made;
  }
  Feedback MakeFeedback() {
    Feedback made{.verdict = Any<FeedbackVerdict>(), .by = Any<FeedbackBy>()};
    std::string* subjects[] = {&made.case_id, &made.finding_id, &made.notice_id};
    const bool alone = made.by != FeedbackBy::kOwner && Coin();
    if (!alone) *subjects[Below(3)] = Id();
    if (alone || Coin()) made.transaction_id = Id();
    return made;
  }

  std::mt19937_64 random_;
};

TEST(RoundTripTest, AnEventWrittenAndDecodedIsTheSame) {
  constexpr uint32_t kSeed = 20260301;
  EventMaker maker(kSeed);
  EventDecoder decoder;
  Event decoded;  // One for all: what one event leaves must not show in the next.
  std::string json;
  for (int i = 0; i < 20'000; ++i) {
    const Event made = maker.Make();
    json.clear();
    AppendJson(json, made);
    Record record;
    record.key = made.account_id.view();
    record.value = json;
    const auto result = decoder.Decode(record, decoded);
    ASSERT_TRUE(result) << CodeName(result.error().code) << " " << result.error().field << " in " << json;

    ASSERT_EQ(decoded.type, made.type);
    ASSERT_EQ(decoded.event_id, made.event_id);
    ASSERT_EQ(decoded.source, made.source);
    ASSERT_EQ(decoded.account_id, made.account_id);
    ASSERT_EQ(decoded.occurred_at, made.occurred_at);
    ASSERT_EQ(decoded.tenant, made.tenant);
    ASSERT_EQ(decoded.session_id, made.session_id);
    ASSERT_EQ(decoded.ip, made.ip);
    ASSERT_EQ(decoded.user_agent, made.user_agent);
    ASSERT_EQ(decoded.channel, made.channel);
    ASSERT_EQ(decoded.locale, made.locale);
    ASSERT_EQ(decoded.timezone, made.timezone);
    ASSERT_EQ(decoded.traceparent, made.traceparent);
    ASSERT_EQ(decoded.device, made.device);
    ASSERT_EQ(decoded.payload, made.payload) << json;
    ASSERT_EQ(decoded.DedupKey(), made.DedupKey());
  }
  EXPECT_EQ(decoder.unknown_members(), 0u);
}

}  // namespace
}  // namespace tocsin::schemas
