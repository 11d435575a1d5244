// Promise: once its buffers have grown, the decoder does not allocate for an ordinary record.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "schemas/event_decoder.h"

namespace {
std::atomic<uint64_t> allocations{0};

void* Counted(size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* bytes = std::malloc(size == 0 ? 1 : size)) return bytes;
  std::abort();
}
}  // namespace

void* operator new(size_t size) { return Counted(size); }
void* operator new[](size_t size) { return Counted(size); }
void* operator new(size_t size, const std::nothrow_t&) noexcept { return Counted(size); }
void* operator new[](size_t size, const std::nothrow_t&) noexcept { return Counted(size); }
void operator delete(void* bytes) noexcept { std::free(bytes); }
void operator delete[](void* bytes) noexcept { std::free(bytes); }
void operator delete(void* bytes, size_t) noexcept { std::free(bytes); }
void operator delete[](void* bytes, size_t) noexcept { std::free(bytes); }

namespace tocsin::schemas {
namespace {

TEST(AllocationTest, NoneForOrdinaryRecordsOfChangingType) {
  constexpr std::string_view kLogin =
      R"({"type":"login","event_id":"a-rather-long-event-identifier","account_id":"a-rather-long-account-identifier",)"
      R"("occurred_at":"2026-03-01T00:00:00Z","ip":"192.0.2.1","user_agent":"Mozilla/5.0 (\"quoted\") Gecko/20100101",)"
      R"("timezone":"America/Argentina/Buenos_Aires","device":{"id":"a-rather-long-device-identifier"},"outcome":"success",)"
      R"("an_unknown_member":{"x":[1,2,3]}})";
  constexpr std::string_view kTransaction =
      R"({"type":"transaction","event_id":"a-rather-long-event-identifier","account_id":"a-rather-long-account-identifier",)"
      R"("occurred_at":"2026-03-01T00:00:00Z","transaction_id":"a-rather-long-transaction-identifier","kind":"payment",)"
      R"("status":"completed","amount":"1.00","currency":"EUR","counterparty":{"id":"a-rather-long-payee-identifier"}})";
  const Header headers[] = {{"ce_type", "tocsin.transaction.v1"},
                            {"ce_id", "another-rather-long-event-identifier"}};

  EventDecoder decoder;
  Event event;
  const auto decode = [&](std::string_view value, std::span<const Header> with) {
    Record record;
    record.topic = "a-topic-with-a-rather-long-name";
    record.key = "a-rather-long-account-identifier";
    record.headers = with;
    record.value = value;
    const auto decoded = decoder.Decode(record, event);
    return decoded.ok();
  };
  uint64_t before = 0;
  for (int round = 0; round < 10; ++round) {
    if (round == 3) before = allocations.load();
    ASSERT_TRUE(decode(kLogin, {}));
    ASSERT_TRUE(decode(kTransaction, {}));
    ASSERT_TRUE(decode(kTransaction, headers));
  }
  EXPECT_EQ(allocations.load(), before);
}

}  // namespace
}  // namespace tocsin::schemas
