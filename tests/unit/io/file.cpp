#include "xmr/io/file.hpp"

#include <atomic>
#include <filesystem>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using xmr::test::read_file;
using xmr::test::TemporaryDirectory;
using xmr::test::write_file;

TEST_CASE("a file appears whole at commit and not before") {
  const TemporaryDirectory dir;
  write_file(dir / "f", "old");
  OutputFile out(dir / "f");
  out.write("new");
  out.flush();
  CHECK(read_file(dir / "f") == "old");
  out.commit();
  CHECK(read_file(dir / "f") == "new");
  CHECK(dir.entries() == 1);
}

TEST_CASE("a file that is not committed leaves the old one and no temporary") {
  const TemporaryDirectory dir;
  write_file(dir / "f", "old");
  { OutputFile(dir / "f").write("new"); }
  CHECK(read_file(dir / "f") == "old");
  CHECK(dir.entries() == 1);
}

TEST_CASE("bytes can be overwritten at a position") {
  const TemporaryDirectory dir;
  OutputFile out(dir / "f", Access::random);
  out.write("abcdef");
  out.write_at(2, "XY");
  out.write("gh");
  CHECK(out.position() == 8);
  out.commit();
  CHECK(read_file(dir / "f") == "abXYefgh");
}

TEST_CASE("a symbolic link stays a link, its target is replaced") {
  const TemporaryDirectory dir;
  write_file(dir / "target", "old");
  std::filesystem::create_symlink("target", dir / "link");
  OutputFile out(dir / "link");
  out.write("new");
  out.commit();
  CHECK(std::filesystem::is_symlink(dir / "link"));
  CHECK(read_file(dir / "target") == "new");
}

TEST_CASE("a file in a folder of /dev is a file like any other") {
  const std::string path = "/dev/shm/xmr-test-" + std::to_string(::getpid());
  OutputFile(path).write("never committed");
  CHECK_FALSE(std::filesystem::exists(path));
  OutputFile out(path);
  out.write("new");
  out.commit();
  CHECK(read_file(path) == "new");
  std::filesystem::remove(path);
}

TEST_CASE("an open descriptor is written to, even if it is a regular file") {
  const TemporaryDirectory dir;
  write_file(dir / "f", "old text");
  const int fd = ::open((dir / "f").c_str(), O_WRONLY | O_CLOEXEC);
  REQUIRE(fd >= 0);
  OutputFile out("/dev/fd/" + std::to_string(fd));
  out.write("new");
  out.commit();
  ::close(fd);
  CHECK(read_file(dir / "f") == "new text");
  CHECK(dir.entries() == 1);
}

TEST_CASE("the mode of a new file follows the umask") {
  const TemporaryDirectory dir;
  const mode_t old = ::umask(027);
  OutputFile(dir / "f").commit();
  ::umask(old);
  struct stat info {};
  REQUIRE(::stat((dir / "f").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0640);
}

TEST_CASE("temporaries of dead writers are removed, those of living ones stay") {
  const TemporaryDirectory dir;
  write_file(dir / ".f.ABCDEF.tmp", "left by a killed process");
  write_file(dir / ".f.other", "somebody else's");
  OutputFile first(dir / "f");
  CHECK_FALSE(std::filesystem::exists(dir / ".f.ABCDEF.tmp"));
  CHECK(std::filesystem::exists(dir / ".f.other"));
  OutputFile second(dir / "f");
  CHECK(dir.entries() == 3);
  first.write("1");
  first.commit();
  second.write("2");
  second.commit();
  CHECK(read_file(dir / "f") == "2");
  CHECK(dir.entries() == 2);
}

TEST_CASE("devices are written directly, spooled when bytes are overwritten") {
  OutputFile out("/dev/null", GENERATE(Access::sequential, Access::random));
  out.write("abc");
  out.commit();
  CHECK(std::filesystem::is_character_file("/dev/null"));
}

TEST_CASE("what cannot be written is refused with its name and reason") {
  const TemporaryDirectory dir;
  CHECK_THROWS_WITH(OutputFile(dir.path().string()), Catch::Matchers::EndsWith("cannot write: Is a directory"));
  CHECK_THROWS_WITH(OutputFile(dir / "no/f"), Catch::Matchers::EndsWith("cannot create: No such file or directory"));
  OutputFile full("/dev/full");
  full.write("abc");
  CHECK_THROWS_WITH(full.commit(), "/dev/full: cannot write: No space left on device");
}

TEST_CASE("input can be looked at before it is read") {
  const TemporaryDirectory dir;
  write_file(dir / "f", "abcdef");
  InputFile in(dir / "f");
  CHECK(in.peek(3) == "abc");
  CHECK(in.peek(100) == "abcdef");
  std::string got;
  char buffer[4];
  while (const std::size_t n = in.read(buffer))
    got.append(buffer, n);
  CHECK(got == "abcdef");
  CHECK(in.peek(1).empty());
}

TEST_CASE("a pipe is mapped like a file") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  REQUIRE(::write(ends[1], "abc", 3) == 3);
  ::close(ends[1]);
  const MappedFile file("/dev/fd/" + std::to_string(ends[0]));
  CHECK(file.bytes() == "abc");
  ::close(ends[0]);
}

TEST_CASE("what cannot be read is refused with its name and reason") {
  const TemporaryDirectory dir;
  CHECK_THROWS_WITH(InputFile(dir / "f"), Catch::Matchers::EndsWith("cannot open: No such file or directory"));
  CHECK_THROWS_WITH(InputFile(dir.path().string()), Catch::Matchers::EndsWith("cannot read: Is a directory"));
  CHECK_THROWS_WITH(MappedFile(dir.path().string()), Catch::Matchers::EndsWith("cannot read: Is a directory"));
}

TEST_CASE("kinds of files are told by their first bytes") {
  CHECK(recognize("PK\x03\x04...") == FileKind::npz);
  CHECK(recognize("\x93NUMPY...") == FileKind::npy);
  CHECK(recognize("3 4 5\n") == FileKind::text);
  CHECK(recognize("") == FileKind::empty);
}

TEST_CASE("writers of one file do not take each other's temporaries for those of the dead") {
  const TemporaryDirectory dir;
  const std::string path = dir / "f";
  const std::string text(1000, 'x');
  std::atomic<int> failures = 0;
  {
    std::vector<std::jthread> writers;
    for (int writer = 0; writer < 4; ++writer)
      writers.emplace_back([&] {
        for (int i = 0; i < 1000; ++i)
          try {
            OutputFile out(path);
            out.write(text);
            out.commit();
          } catch (const IoError&) {
            ++failures;
          }
      });
  }
  CHECK(failures == 0);
  CHECK(read_file(path) == text);
  CHECK(dir.entries() == 1);
}
