// Over a generated population: what findings.format changes is the form of the findings, and nothing else.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "detectors/detector_set.h"
#include "schemas/attack_names.h"
#include "schemas/ocsf_reader.h"
#include "tests/support/detection_line.h"
#include "tests/support/ocsf_class.h"

namespace tocsin::daemon {
namespace {

using test::DetectionLine;

constexpr uint32_t kAccounts = 60;
constexpr int kDays = 24;

TEST(OcsfFormatTest, HoldsAllThatTheFindingsOfAPopulationSay) {
  const std::vector<std::string> lines = test::GeneratedLines(kAccounts, kDays, 20260302);
  // A detector in shadow: its findings are put out as well.
  const std::string shadow = "detectors: {new_country: {mode: shadow}}\n";
  DetectionLine own({.config = shadow});
  DetectionLine ocsf({.config = "findings: {format: ocsf}\n" + shadow});
  own.RunAll(lines);
  ocsf.RunAll(lines);
  ASSERT_EQ(ocsf.outputs().size(), own.outputs().size());
  EXPECT_EQ(ocsf.StateBytes(), own.StateBytes());

  int findings = 0;
  std::set<std::string> with;
  for (size_t i = 0; i < own.outputs().size(); ++i) {
    const schemas::OutRecord& mine = own.outputs()[i];
    const schemas::OutRecord& record = ocsf.outputs()[i];
    if (mine.kind != schemas::OutputKind::kFinding) {
      ASSERT_EQ(test::ToText(record), test::ToText(mine));
      continue;
    }
    ++findings;
    ASSERT_TRUE(schemas::IsOcsf(record));
    ASSERT_EQ(record.key, mine.key);
    test::ExpectOcsf(record.value);
    const Result<std::string> read = schemas::ReadOcsf(record.value);
    ASSERT_TRUE(read) << read.error().ToString() << "\n" << record.value;
    ASSERT_EQ(*read, mine.value);
    for (const char* part :
         {"\"src_endpoint\"", "\"autonomous_system\"", "\"location\"", "\"device\"", "\"os\"",
          "\"http_request\"", "\"sub_technique\"", "\"tactic\"", "\"baselines\"", "\"activity_id\":2",
          "\"activity_id\":3", "\"state_id\":2", "\"is_alert\":true"}) {
      if (record.value.find(part) != std::string::npos) with.insert(part);
    }
  }
  EXPECT_GT(findings, 50);
  EXPECT_GE(with.size(), 12u) << testing::PrintToString(with);  // Else the test tests little.
}

TEST(OcsfFormatTest, EveryTechniqueOfADetectorHasItsName) {
  for (const detectors::DetectorInfo& detector : detectors::Catalogue()) {
    for (const std::string_view id : detector.techniques) {
      if (!id.starts_with('T')) continue;
      EXPECT_NE(schemas::FindAttack(id), nullptr) << id << " of " << detector.id;
      EXPECT_NE(schemas::FindAttack(id.substr(0, id.find('.'))), nullptr) << id << " of " << detector.id;
    }
  }
}

}  // namespace
}  // namespace tocsin::daemon
