#include "detectors/state/money.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <random>
#include <string>
#include <utility>

#include "detectors/state/transaction_key.h"
#include "tests/support/money_events.h"
#include "tests/support/segment_codec.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::Direction;
using schemas::TransactionKind;
using schemas::TransactionStatus;
using test::At;
using test::MoneyAccount;
using test::Pay;

const Timestamp kNoon = At("2026-03-11T12:00:00Z");

// One of everything the segment can hold.
AccountState Full() {
  AccountState state;
  MoneyHistory& money = state.MutableMoney();
  const Currency cny = *Currency::Find("CNY");
  const auto add = [&](const Movement& movement, std::string_view event_id) {
    money.entries.push_back({movement, event_id});
  };
  add({.at = kNoon,
       .stated_at = kNoon,
       .transaction_key = 1,
       .amount = {12345, cny},
       .kind = TransactionKind::kPayment,
       .direction = Direction::kOut,
       .cross_border = CrossBorder::kYes,
       .completed = true,
       .counted = true},
      "0b9c5a52-6f3e-4a3f-9d6c-0123456789ab");
  add({.at = kNoon,
       .stated_at = kNoon + 1h,
       .ended_first = kNoon - 1min,
       .ended_last = kNoon + 2h,
       .transaction_key = 2,
       .amount = {kMoneyMinorMax, *Currency::Find("JPY")},
       .kind = TransactionKind::kFee,
       .direction = Direction::kIn,
       .counted = true},
      "0B9C5A52-6f3e-4a3f-9d6c-0123456789ab");  // Upper case: text as it is.
  add({.at = kNoon + 1s,
       .stated_at = kTimestampMin,
       .ended_first = kNoon + 1s,
       .ended_last = kNoon + 1s,
       .transaction_key = 3,
       .cross_border = CrossBorder::kNo},
      "");
  add({.at = kNoon + 2s,
       .stated_at = kNoon + 2s,
       .ended_first = kNoon + 5s,
       .ended_last = kNoon + 5s,
       .transaction_key = 4,
       .amount = {0, *Currency::Find("JPY")},
       .kind = TransactionKind::kTransfer,
       .direction = Direction::kOut,
       .with_party = true,
       .counted = true},
      "short");
  money.buckets = {{.limit_key = 7,
                    .begin = At("2026-03-01T00:00:00Z"),
                    .end = At("2026-04-01T00:00:00Z"),
                    .sum_minor = 500,
                    .peak_minor = 700,
                    .count = 3,
                    .peak_count = 4,
                    .unconverted = 1,
                    .partial = true}};
  AmountHistogram histogram{.kind = TransactionKind::kPayment, .currency = cny};
  histogram.Learn(1, kNoon - 30 * 24h);
  histogram.Learn(12345, kNoon);
  histogram.Learn(kMoneyMinorMax, kNoon);
  money.histograms = {histogram, {.kind = TransactionKind::kFee, .currency = cny}};
  money.forgotten_until = kNoon - 100h;
  return state;
}

schemas::Event Of(const std::string& id, schemas::TransactionKind kind,
                  schemas::Direction direction = schemas::Direction::kOut) {
  return test::Build({.id = id,
                      .at = test::At("2026-03-01T12:00:00Z"),
                      .kind = kind,
                      .direction = direction,
                      .event_id = "e"});
}

// A ledger writes them all under one id, and none takes back the payment.
TEST(TransactionKeyTest, WhatComesBesideAPaymentIsMoneyOfItsOwn) {
  using enum schemas::TransactionKind;
  const uint64_t payment = TransactionKey(Of("t-1", kPayment));
  EXPECT_EQ(payment, TransactionKeyOf("t-1"));
  EXPECT_EQ(payment, TransactionKey(Of("t-1", kTransfer)));
  EXPECT_NE(payment, TransactionKey(Of("t-1", kFee)));
  EXPECT_NE(payment, TransactionKey(Of("t-1", kRefund, schemas::Direction::kIn)));
  EXPECT_NE(TransactionKey(Of("t-1", kExchange)),
            TransactionKey(Of("t-1", kExchange, schemas::Direction::kIn)));
  EXPECT_NE(TransactionKey(Of("t-1", kFee)), TransactionKey(Of("t-2", kFee)));
  EXPECT_NE(TransactionKey(Of("t-1", kFee)), TransactionKey(Of("t-1", kRefund, schemas::Direction::kIn)));
}

TEST(MoneyCodecTest, EmptyIsNothing) { EXPECT_EQ(test::Encoded({}, Segment::kMoney), ""); }
// As versions 2 and 3 wrote it, without the version in front; the last entry's flags, and its kind, direction
// and whether it is with a party, are left out.
constexpr std::string_view kBefore =
    "80f0bdbacc330480c492e6cd3301000000004391b960d91b0b9c5a526f3e4a3f9d6c0123456789ab"
    "0002000000001d2780dddb01ffffffffffffff0f99542430423943354135322d366633652d346133"
    "662d396436632d303132333435363738396162bfa907e08ebb03e80703000000000840e807040000"
    "0000";
constexpr std::string_view kAfter =
    "000573686f7274f02e01070000000000000080b8c7b5ca3380c894fd09f403bc05030401010201d9"
    "1b80c492e6cd33030300f52f4b3f350000803f9c010000803f02822001010502b8e0808080808010"
    "07d91b00000000";
AccountState Waiting() {
  AccountState state = Full();
  state.MutableMoney().entries.front().waits = true;
  state.MutableMoney().entries.back().waits = true;
  return state;
}
AccountState Tagged() {
  AccountState state = Waiting();
  state.MutableMoney().entries.back().payee_tag = 0x0b05;
  return state;
}
// One of them is held, and was found with another event.
AccountState Suspected() {
  AccountState state = Tagged();
  state.MutableMoney().entries[1].held = true;
  state.MutableMoney().suspected = {{.transaction_key = 2, .found_with = 0x0d0c0b0a}};
  return state;
}
// Version 4 from its forgotten_until on, in two parts: the entries, and what follows them.
constexpr std::string_view kEntries =
    "80f0bdbacc330480c492e6cd3301000000004391b960d91b0b9c5a526f3e4a3f9d6c0123456789"
    "ab0002000000001d2780dddb01ffffffffffffff0f99540123423943354135322d366633652d3461"
    "33662d396436632d303132333435363738396162bfa907e08ebb03e80703000000000840e8070400"
    "000000291a00000573686f7274f02e";
constexpr std::string_view kRest =
    "01070000000000000080b8c7b5ca3380c894fd09f403bc0503"
    "0401010201d91b80c492e6cd33030300f52f4b3f350000803f9c010000803f02822001010502b8e0"
    "80808080801007d91b00000000";
std::string TaggedEntries() {
  std::string entries(kEntries);
  return entries.replace(entries.rfind("1a"), 2, "3a050b");
}
TEST(MoneyCodecTest, Golden) {
  test::ExpectGolden(Suspected(), Segment::kMoney,
                     "07" + TaggedEntries() + "020002" + "0102050a0b0c0d" + std::string(kRest));
}

AccountState ReadMoney(const std::string& hex) {
  AccountState read;
  EXPECT_TRUE(read.DecodeSegment(Segment::kMoney, test::FromHexText(hex)).ok());
  return read;
}
TEST(MoneyCodecTest, ReadsWhatDidNotKnowWhoWasPaid) {
  EXPECT_EQ(ReadMoney("05" + std::string(kEntries) + "020002" + std::string(kRest)), Waiting());
}
TEST(MoneyCodecTest, ReadsWhatHeldNothing) {
  EXPECT_EQ(ReadMoney("06" + TaggedEntries() + "020002" + std::string(kRest)), Tagged());
}
TEST(MoneyCodecTest, RefusesSuspicionThatIsNotThere) {
  // Of none, before the first, never counted, unknown, of no cause, waiting as well, refused and held.
  for (const std::string_view suspected :
       {"05", "010400", "010100", "010208", "01020400000000", "010001", "010203"}) {
    AccountState read;
    const std::string hex = "07" + TaggedEntries() + "020002" + std::string(suspected) + std::string(kRest);
    EXPECT_FALSE(read.DecodeSegment(Segment::kMoney, test::FromHexText(hex)).ok()) << suspected;
  }
}
TEST(MoneyCodecTest, RefusesATagThatIsNotThere) {
  // In an earlier version, and of nobody.
  for (const auto& [version, kinds] : {std::pair("05", "3a050b"), std::pair("06", "3a0000")}) {
    std::string entries(kEntries);
    entries.replace(entries.rfind("1a"), 2, kinds);
    AccountState read;
    const std::string hex = version + entries + "020002" + std::string(kRest);
    EXPECT_FALSE(read.DecodeSegment(Segment::kMoney, test::FromHexText(hex)).ok()) << version;
  }
}
TEST(MoneyCodecTest, ReadsWhatLearntAtOnce) {
  EXPECT_EQ(ReadMoney("04" + std::string(kEntries) + std::string(kRest)), Full());
}
TEST(MoneyCodecTest, RefusesWaitingThatIsNotThere) {
  // Of none, of one before the first, and of one that never counted.
  for (const std::string_view waiting : {"05", "0104", "0101"}) {
    AccountState read;
    const std::string hex = "05" + std::string(kEntries) + std::string(waiting) + std::string(kRest);
    EXPECT_FALSE(read.DecodeSegment(Segment::kMoney, test::FromHexText(hex)).ok()) << waiting;
  }
}
TEST(MoneyCodecTest, ReadsWhatWroteEveryIdInFull) {
  EXPECT_EQ(ReadMoney("03" + std::string(kBefore) + "291a" + std::string(kAfter)), Full());
}
TEST(MoneyCodecTest, ReadsWhatDidNotKnowParties) {
  AccountState expected = Full();
  expected.MutableMoney().entries.back().with_party = false;
  EXPECT_EQ(ReadMoney("02" + std::string(kBefore) + "2912" + std::string(kAfter)), expected);
}
// What only version 4 says, in the bytes of version 3.
TEST(MoneyCodecTest, RefusesKindsThatAreNotThereInAnEarlierVersion) {
  AccountState read;
  const std::string hex = "03" + std::string(kBefore) + "a91a" + std::string(kAfter);
  EXPECT_FALSE(read.DecodeSegment(Segment::kMoney, test::FromHexText(hex)).ok());
}

TEST(MoneyCodecTest, RoundTrip) { test::ExpectRoundTrip(Suspected(), Segment::kMoney); }
TEST(MoneyCodecTest, IsStrict) { test::ExpectStrict(Suspected(), Segment::kMoney); }

TEST(MoneyCodecTest, RefusesWhatCannotHaveBeenWritten) {
  const auto refuses = [](auto change) {
    AccountState state = Full();
    change(state.MutableMoney());
    AccountState read;
    return !read.DecodeSegment(Segment::kMoney, test::Encoded(state, Segment::kMoney)).ok() &&
           read == AccountState{};
  };
  EXPECT_FALSE(refuses([](MoneyHistory&) {}));
  EXPECT_TRUE(refuses([](MoneyHistory& money) {
    std::swap(money.entries[0].transaction_key, money.entries[1].transaction_key);
  }));
  EXPECT_TRUE(refuses([](MoneyHistory& money) { money.entries[1].transaction_key = 1; }));
  EXPECT_TRUE(refuses([](MoneyHistory& money) { money.entries[0].amount.minor = kMoneyMinorMax + 1; }));
  EXPECT_TRUE(
      refuses([](MoneyHistory& money) { money.entries[0].direction = static_cast<schemas::Direction>(3); }));
  EXPECT_TRUE(refuses([](MoneyHistory& money) { money.buckets[0].end = money.buckets[0].begin; }));
  EXPECT_TRUE(refuses([](MoneyHistory& money) { money.buckets.push_back(money.buckets[0]); }));
  EXPECT_TRUE(refuses([](MoneyHistory& money) { money.buckets[0].unconverted = 4; }));
  EXPECT_TRUE(refuses([](MoneyHistory& money) { money.histograms.push_back(money.histograms[0]); }));
  EXPECT_TRUE(refuses([](MoneyHistory& money) { money.histograms[0].bins[0].count = std::nanf(""); }));
  EXPECT_TRUE(refuses([](MoneyHistory& money) { money.histograms[0].bins[0].count = -1; }));
  EXPECT_TRUE(
      refuses([](MoneyHistory& money) { money.histograms[0].bins.back().index = kAmountBinMax + 1; }));
  EXPECT_TRUE(refuses([](MoneyHistory& money) { money.histograms[0].blocks[0].count = 0; }));
}

// A hostile count must not make the decoder allocate.
TEST(MoneyCodecTest, HugeCountsAreRefusedEarly) {
  for (const std::string& bytes :
       {std::string("\x02\x00\xff\xff\xff\xff\x0f", 7), std::string("\x02\x00\x00\xff\xff\xff\xff\x0f", 8),
        std::string("\x02\x00\x00\x00\xff\xff\xff\xff\x0f", 9)}) {
    AccountState read;
    EXPECT_FALSE(read.DecodeSegment(Segment::kMoney, bytes).ok());
  }
}

TEST(MoneyCodecTest, AnOrdinaryEntryIsSmall) {
  MoneyAccount account;
  for (int i = 0; i < 100; ++i) {
    char id[37];
    std::snprintf(id, sizeof id, "%08x-6f3e-4a3f-9d6c-0123456789ab", static_cast<unsigned>(i) * 2654435761U);
    account.Learn(
        {.id = "tx" + std::to_string(i), .at = kNoon + i * 1h, .amount = "CNY 123.45", .event_id = id});
  }
  EXPECT_LT(test::Encoded(account.state, Segment::kMoney).size(), 100U * 31);
}

// An event id that is counted up takes the place of its last digits, and kinds are said once.
TEST(MoneyCodecTest, WhatEntriesHaveInCommonIsWrittenOnce) {
  MoneyAccount account;
  for (int i = 0; i < 100; ++i) {
    account.Learn({.id = "tx" + std::to_string(i),
                   .at = kNoon + i * 1h,
                   .amount = "CNY 123.45",
                   .event_id = "payment-0000017-" + std::to_string(1000 + i)});
  }
  EXPECT_LT(test::Encoded(account.state, Segment::kMoney).size(), 100U * 17);
  test::ExpectRoundTrip(account.state, Segment::kMoney);
}

// ---- Bins

TEST(AmountBinTest, AreFourAnOctave) {
  EXPECT_EQ(AmountBin(1), 0);
  EXPECT_EQ(AmountBin(2), 4);
  EXPECT_EQ(AmountBin(3), 6);  // log2 3 = 1.585
  EXPECT_EQ(AmountBin(1024), 40);
  EXPECT_EQ(AmountBin(1023), 39);
  EXPECT_EQ(AmountBin(kMoneyMinorMax), 211);
  EXPECT_EQ(AmountBin(std::numeric_limits<int64_t>::max()), kAmountBinMax);
  std::mt19937_64 random(3);
  for (int i = 0; i < 20000; ++i) {
    const auto minor = static_cast<int64_t>((random() >> (1 + random() % 62)) | 1);
    const long double exact = 4 * std::log2(static_cast<long double>(minor));
    EXPECT_EQ(AmountBin(minor), static_cast<int16_t>(std::floor(exact))) << minor;
  }
}

// ---- Statuses of one transaction, in any order

TEST(MergeTest, DoesNotDependOnTheOrder) {
  std::mt19937_64 random(11);
  const auto pick = [&](auto... values) {
    const std::vector all = {values...};
    return all[random() % all.size()];
  };
  for (int round = 0; round < 3000; ++round) {
    std::vector<schemas::Event> events;
    const size_t count = 1 + random() % 5;
    for (size_t i = 0; i < count; ++i) {
      Pay pay{.id = "a", .at = kNoon + (random() % 3) * 1h, .event_id = "e" + std::to_string(i)};
      pay.amount = pick(std::string("CNY 1"), std::string("CNY 2"), std::string("USD 1"));
      pay.status =
          pick(TransactionStatus::kAuthorized, TransactionStatus::kCompleted, TransactionStatus::kDeclined,
               TransactionStatus::kFailed, TransactionStatus::kReversed);
      pay.direction = pick(Direction::kOut, Direction::kIn);
      if (random() % 2 == 0) pay.cross_border = random() % 2 == 0;
      events.push_back(test::Build(pay));
    }
    std::optional<std::vector<MoneyEntry>> first;
    for (int order = 0; order < 6; ++order) {
      std::ranges::shuffle(events, random);
      MoneyAccount account;
      for (const schemas::Event& event : events) account.Learn(event);
      if (!first) first = account.state.money().entries;
      ASSERT_EQ(account.state.money().entries, *first);
    }
  }
}

// ---- Bounds

TEST(MoneyBoundsTest, AHundredThousandTransactions) {
  MoneyAccount account;
  account.limits.limits = {
      {.name = "day", .window = Limit::Window::kRolling, .rolling = 24h, .max_count = 1'000'000},
      {.name = "month",
       .window = Limit::Window::kCalendar,
       .unit = CalendarUnit::kMonth,
       .max_count = 1'000'000},
  };
  for (int i = 0; i < 100'000; ++i) {
    account.Learn(
        {.id = std::to_string(i), .at = kNoon + i * 1s, .amount = i % 2 == 0 ? "CNY 1.00" : "USD 1.00"});
    const MoneyHistory& money = account.state.money();
    ASSERT_LE(money.entries.size(), MoneyHistory::kEntriesMax);
  }
  const MoneyHistory& money = account.state.money();
  EXPECT_LT(money.HeapBytes(), 3U << 20);
  EXPECT_GT(money.forgotten_until, kNoon);
  ASSERT_EQ(money.buckets.size(), 1U);
  EXPECT_EQ(money.buckets[0].count + money.entries.size(), 100'000U);
  EXPECT_FALSE(money.buckets[0].partial);
  EXPECT_LE(money.histograms.size(), 2U);
}

// What had been given back by the time of another is not in its level, what is given back later is.
TEST(MoneyBoundsTest, APeakIsWhatTheLimitSawAtTheTime) {
  MoneyAccount account;
  account.limits.limits = {{.name = "month",
                            .window = Limit::Window::kCalendar,
                            .unit = CalendarUnit::kMonth,
                            .max = test::MoneyOf("CNY 1000")}};
  const auto learn = [&](std::string id, Millis after, std::string amount, TransactionStatus status) {
    account.Learn(test::Status(std::move(id), kNoon + after, status, std::move(amount)));
  };
  learn("a", 0h, "CNY 100", TransactionStatus::kCompleted);
  learn("a", 1h, "CNY 100", TransactionStatus::kReversed);
  learn("b", 2h, "CNY 60", TransactionStatus::kCompleted);
  learn("c", 3h, "CNY 70", TransactionStatus::kCompleted);
  learn("d", 4h, "CNY 10", TransactionStatus::kCompleted);
  learn("c", 5h, "CNY 70", TransactionStatus::kReversed);
  learn("e", 6h, "CNY 5", TransactionStatus::kCompleted);
  learn("later", 24h * 12, "CNY 1", TransactionStatus::kCompleted);
  const MoneyHistory& money = account.state.money();
  ASSERT_EQ(money.entries.size(), 1U);
  ASSERT_EQ(money.buckets.size(), 1U);
  EXPECT_EQ(money.buckets[0].peak_minor, 14'000);
  EXPECT_EQ(money.buckets[0].peak_count, 3U);
  EXPECT_EQ(money.buckets[0].sum_minor, 7'500);
  EXPECT_EQ(money.buckets[0].count, 3U);
}

// A producer may choose ids of 128 characters of four bytes. The segment is a record of the changelog, and
// Kafka takes a mebibyte where nobody has said otherwise.
TEST(MoneyBoundsTest, LongIdsFitIntoARecordOfTheChangelog) {
  std::mt19937_64 random(5);
  for (const size_t length : {36U, 64U, 128U, 512U}) {
    MoneyAccount account;
    size_t largest = 0;
    for (int i = 0; i < 10'000; ++i) {
      std::string id(length, ' ');
      for (char& c : id) c = static_cast<char>('a' + random() % 26);
      account.Learn({.id = id, .at = kNoon + i * 1s, .amount = "CNY 99999999.99"});
      if (i % 500 == 499) largest = std::max(largest, test::Encoded(account.state, Segment::kMoney).size());
    }
    EXPECT_LT(largest, 1'000'000U) << length;
    const size_t entries = account.state.money().entries.size();
    EXPECT_GE(entries, std::min(MoneyHistory::kEntriesMax, kMoneyIdBytesMax / length) / 8 * 7) << length;
  }
}

TEST(MoneyBoundsTest, DeclinedAttemptsDoNotPushOutWhatCounts) {
  MoneyAccount account;
  for (int i = 0; i < 100; ++i) account.Learn({.id = "paid" + std::to_string(i), .at = kNoon + i * 1s});
  for (int i = 0; i < 20'000; ++i) {
    account.Learn(
        {.id = "declined" + std::to_string(i), .at = kNoon + i * 1s, .status = TransactionStatus::kDeclined});
  }
  const MoneyHistory& money = account.state.money();
  EXPECT_LE(money.entries.size(), 100 + MoneyHistory::kUncountedMax);
  EXPECT_EQ(std::ranges::count(money.entries, true, &MoneyEntry::counted), 100);
  EXPECT_EQ(money.forgotten_until, kTimestampMin);
}

TEST(MoneyBoundsTest, KindsAndCurrencies) {
  MoneyAccount account;
  int i = 0;
  for (const std::string_view code : {"CNY", "USD", "EUR", "JPY", "GBP"}) {
    for (const TransactionKind kind : {TransactionKind::kPayment, TransactionKind::kTransfer,
                                       TransactionKind::kFee, TransactionKind::kExchange}) {
      account.Learn(
          {.id = std::to_string(i), .at = kNoon + i * 2h, .amount = std::string(code) + " 5", .kind = kind});
      ++i;
    }
  }
  const MoneyHistory& money = account.state.money();
  EXPECT_EQ(money.histograms.size(), MoneyHistory::kHistogramsMax);
  EXPECT_EQ(money.Histogram(TransactionKind::kPayment, *Currency::Find("CNY")), nullptr);  // The oldest went.
  EXPECT_NE(money.Histogram(TransactionKind::kPayment, *Currency::Find("GBP")), nullptr);
}

TEST(MoneyBoundsTest, TooManyCalendarLimitsKeepTheNewestWindows) {
  MoneyAccount account;
  for (int i = 0; i < 100; ++i) {
    account.limits.limits.push_back({.name = std::to_string(i),
                                     .window = Limit::Window::kCalendar,
                                     .unit = i % 2 == 0 ? CalendarUnit::kMonth : CalendarUnit::kYear,
                                     .max_count = 1});
  }
  for (int i = 0; i < 60; ++i) account.Learn({.id = std::to_string(i), .at = kNoon + i * 24h});
  EXPECT_LE(account.state.money().buckets.size(), MoneyHistory::kBucketsMax);
}

}  // namespace
}  // namespace tocsin::detectors
