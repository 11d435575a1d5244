// What the codec accepts by name stands in the published schemas. (The differential test holds the other
// direction.)
#include <gtest/gtest.h>

#include <string>

#include "base/money.h"
#include "embedded/schema_files.h"
#include "schemas/codec/shapes.h"
#include "schemas/enum_names.h"
#include "schemas/rejection.h"

namespace tocsin::schemas {
namespace {

std::string_view SchemaOf(const std::string& name) {
  return embedded::schema_files("json/" + name + ".schema.json");
}

template <class E>
void ExpectNamed(const std::string& schema) {
  for (const auto& entry : EnumNames<E>()) {
    EXPECT_NE(SchemaOf(schema).find("\"" + std::string(entry.name) + "\""), std::string_view::npos)
        << entry.name << " in " << schema;
  }
}

TEST(SchemaFilesTest, EveryEventAndOutputHasOne) {
  EXPECT_EQ(embedded::schema_files_all().size(), 12u);
  EXPECT_FALSE(embedded::schema_files("asyncapi.yaml").empty());
  for (const auto& entry : EnumNames<EventType>()) EXPECT_FALSE(SchemaOf(std::string(entry.name)).empty());
  for (const auto& entry : EnumNames<OutputKind>()) EXPECT_FALSE(SchemaOf(std::string(entry.name)).empty());
}

TEST(SchemaFilesTest, NameEveryValueOfTheEnums) {
  ExpectNamed<Channel>("login");
  ExpectNamed<Platform>("login");
  ExpectNamed<LoginOutcome>("login");
  ExpectNamed<FailureReason>("login");
  ExpectNamed<LoginMethod>("login");
  ExpectNamed<Mfa>("login");
  ExpectNamed<TransactionKind>("transaction");
  ExpectNamed<Direction>("transaction");
  ExpectNamed<TransactionStatus>("transaction");
  ExpectNamed<DeclineReason>("transaction");
  ExpectNamed<CounterpartyType>("transaction");
  ExpectNamed<InstrumentType>("transaction");
  ExpectNamed<ChangeKind>("account_change");
  ExpectNamed<ContactChannel>("account_change");
  ExpectNamed<ContactChannel>("account_profile");
  ExpectNamed<AccountStatus>("account_profile");
  ExpectNamed<FeedbackVerdict>("feedback");
  ExpectNamed<FeedbackBy>("feedback");
  ExpectNamed<Family>("finding");
  ExpectNamed<Severity>("finding");
  ExpectNamed<Mode>("finding");
  ExpectNamed<FindingStatus>("finding");
  ExpectNamed<TicketOperation>("ticket");
  ExpectNamed<Priority>("ticket");
  ExpectNamed<ActionKind>("action");
}

TEST(SchemaFilesTest, NameEveryCountryCurrencyAndRejection) {
  for (char a = 'A'; a <= 'Z'; ++a) {
    for (char b = 'A'; b <= 'Z'; ++b) {
      const std::string country{a, b};
      const bool named = SchemaOf("transaction").find("\"" + country + "\"") != std::string_view::npos;
      EXPECT_EQ(named, codec::IsCountry(country)) << country;
      for (char c = 'A'; c <= 'Z'; ++c) {
        const std::string currency = country + c;
        if (!Currency::Find(currency)) continue;
        EXPECT_NE(SchemaOf("transaction").find("\"" + currency + "\""), std::string_view::npos) << currency;
      }
    }
  }
  for (int code = 0; CodeName(static_cast<RejectionCode>(code)) != "unknown"; ++code) {
    const std::string name(CodeName(static_cast<RejectionCode>(code)));
    EXPECT_NE(SchemaOf("dead_letter").find("\"" + name + "\""), std::string_view::npos) << name;
  }
}

}  // namespace
}  // namespace tocsin::schemas
