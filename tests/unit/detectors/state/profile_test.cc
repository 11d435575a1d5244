// What a profile says of its account's tenant, and what was written before it said so.
#include <gtest/gtest.h>

#include <string>

#include "detectors/account_state.h"
#include "tests/support/segment_codec.h"

namespace tocsin::detectors {
namespace {

constexpr Timestamp kNoon = FromMillis(1'772'366'400'000);  // 2026-03-01T12:00:00Z

AccountState Known(const std::string& tenant) {
  AccountState state;
  Profile& profile = state.MutableProfile();
  profile.first_seen = profile.updated_at = kNoon;
  profile.owner.display_name = "Li Lei";
  profile.tenant = tenant;
  return state;
}

TEST(ProfileTest, TheTenantIsKept) { test::ExpectRoundTrip(Known("bank-a"), Segment::kProfile); }

// Version 2 ended the two times, of six bytes each, with the owner.
TEST(ProfileTest, TheVersionWithoutTenantIsRead) {
  std::string bytes = test::Encoded(Known(""), Segment::kProfile);
  ASSERT_EQ(bytes.at(13), '\0') << "the length of no tenant";
  bytes.erase(13, 1);
  bytes[0] = 2;
  AccountState read;
  ASSERT_TRUE(read.DecodeSegment(Segment::kProfile, bytes).ok());
  EXPECT_EQ(read.profile(), Known("").profile());
}

TEST(ProfileTest, OnlyAProfileThatNamesATenantTellsAnothers) {
  schemas::Event event;
  event.tenant = "bank-b";
  EXPECT_TRUE(Known("bank-a").profile().IsOfAnother(event));
  EXPECT_FALSE(Known("bank-b").profile().IsOfAnother(event));
  EXPECT_FALSE(Known("").profile().IsOfAnother(event));
  Profile seen_only;
  seen_only.tenant = "bank-a";
  EXPECT_FALSE(seen_only.IsOfAnother(event)) << "what one event said is no profile";
  event.tenant.clear();
  EXPECT_FALSE(Known("bank-a").profile().IsOfAnother(event));
}

}  // namespace
}  // namespace tocsin::detectors
