// What is declared is served, and nothing else; the page is the table.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "daemon/metrics/catalogue.h"
#include "daemon/metrics/delivery_exposition.h"
#include "daemon/metrics/exposition.h"

namespace tocsin::daemon {
namespace {

// The text of a process that has everything.
std::string Served() {
  const WorkerMetrics worker;
  ProcessFacts facts;
  facts.databases = {{.role = "city"}, {.role = "asn"}};
  std::string text = MetricsText({&worker}, facts);
  facts.kafka = ProcessFacts::Kafka{.heartbeat_failures = 0, .rekeyed = 0};
  text += MetricsText({&worker}, facts);
  DeliveryMetrics delivery;
  delivery.channels["mail"] = std::make_unique<ChannelCounts>();
  return text + DeliveryMetricsText(delivery, {.worker = &worker}, Timestamp());
}

TEST(MetricCatalogueTest, EachIsServedAsDeclared) {
  std::map<std::string, std::string> served;
  std::istringstream lines(Served());
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("# TYPE ")) continue;
    const size_t blank = line.rfind(' ');
    served[line.substr(7, blank - 7)] = line.substr(blank + 1);
  }
  std::map<std::string, std::string> declared;
  for (const MetricInfo& metric : kMetrics) {
    declared[std::string(metric.name)] = metric.kind == MetricKind::kCounter ? "counter"
                                         : metric.kind == MetricKind::kGauge ? "gauge"
                                                                             : "histogram";
  }
  EXPECT_EQ(served, declared);
  EXPECT_EQ(declared.size(), kMetrics.size());
}

TEST(MetricCatalogueTest, EachBearsTheLabelsThatAreDeclared) {
  std::map<std::string, std::set<std::string>> declared;
  for (const MetricInfo& metric : kMetrics) {
    std::istringstream labels{std::string(metric.labels)};
    for (std::string label; std::getline(labels, label, ',');)
      declared[std::string(metric.name)].insert(label);
    if (metric.kind == MetricKind::kHistogram) declared[std::string(metric.name)].insert("le");
  }
  std::istringstream lines(Served());
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("#") || line.empty()) continue;
    std::string name = line.substr(0, line.find_first_of(" {"));
    for (const char* ending : {"_bucket", "_sum", "_count"}) {
      if (name.ends_with(ending) && !declared.contains(name))
        name = name.substr(0, name.size() - std::string_view(ending).size());
    }
    for (size_t end = line.find("=\""); end != std::string::npos; end = line.find("=\"", end + 1)) {
      const size_t begin = line.find_last_of("{,", end) + 1;
      EXPECT_TRUE(declared[name].contains(line.substr(begin, end - begin))) << line;
    }
  }
}

TEST(MetricCatalogueTest, NamesFollowPrometheus) {
  for (const MetricInfo& metric : kMetrics) {
    EXPECT_TRUE(metric.name.starts_with("tocsin_") || metric.name.starts_with("process_")) << metric.name;
    EXPECT_EQ(metric.name.ends_with("_total"), metric.kind == MetricKind::kCounter) << metric.name;
    EXPECT_TRUE(metric.kind != MetricKind::kHistogram || metric.name.ends_with("_seconds")) << metric.name;
    EXPECT_TRUE(metric.help.ends_with(".")) << metric.name;
  }
}

TEST(MetricCatalogueTest, ThePageIsPrintedFromIt) {
  std::ifstream file(TOCSIN_SOURCE_DIR "/docs/metrics.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(page, MetricsPage()) << "run: build/release/tocsin generate metrics > docs/metrics.md";
}

TEST(MetricCatalogueTest, EveryReasonOfADeadLetterHasItsCounter) {
  EXPECT_EQ(schemas::CodeName(static_cast<schemas::RejectionCode>(WorkerMetrics::kReasons)), "unknown");
  for (size_t i = 0; i < WorkerMetrics::kReasons; ++i)
    EXPECT_NE(schemas::CodeName(static_cast<schemas::RejectionCode>(i)), "unknown");
}

TEST(MetricCatalogueTest, OfSeveralDatabasesOfOneRoleTheOldestCounts) {
  ProcessFacts facts;
  facts.now = FromMillis(1'000'000);
  facts.databases = {{.role = "city", .built_at_seconds = 900}, {.role = "city", .built_at_seconds = 400}};
  EXPECT_NE(MetricsText({}, facts).find("tocsin_geoip_database_age_seconds{database=\"city\"} 600\n"),
            std::string::npos);
}

}  // namespace
}  // namespace tocsin::daemon
