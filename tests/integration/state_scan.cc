// state_scan DIRECTORY: keys and values of every entry in every RocksDB table below a directory, as bytes,
// also those that a newer one shadows; then, for each table with deletions in it, "deletions N". The files
// are compressed: looking at their bytes shows nothing.
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/table_properties.h>

#include <filesystem>
#include <iostream>
#include <memory>

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  for (const auto& file : std::filesystem::recursive_directory_iterator(argv[1])) {
    if (file.path().extension() != ".sst") continue;
    rocksdb::SstFileReader reader{rocksdb::Options()};
    if (!reader.Open(file.path().string()).ok()) continue;  // It has gone meanwhile.
    const std::unique_ptr<rocksdb::Iterator> entry(reader.NewIterator({}));
    for (entry->SeekToFirst(); entry->Valid(); entry->Next())
      std::cout << entry->key().ToString() << '\n' << entry->value().ToString() << '\n';
    if (const uint64_t deletions = reader.GetTableProperties()->num_deletions; deletions > 0)
      std::cout << "deletions " << deletions << '\n';
  }
  return std::cout.good() ? 0 : 1;
}
