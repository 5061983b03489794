#!/bin/bash
# The package of `make package`: dpkg installs it into a folder, the test uses it there, dpkg removes it.
. "$(dirname "$0")/lib.sh"

build=$(dirname "$(dirname "$(command -v xmr-index)")")
[ -f "$build/lib/libxmr.so" ] || skip "only part of the project is built"
for program in cpack dpkg dpkg-deb dpkg-shlibdeps file objdump; do
  command -v $program > /dev/null || skip "no $program"
done
cpack -B "$PWD" --config "$build/CPackConfig.cmake" > "$scratch/cpack" 2>&1 || { cat "$scratch/cpack"; exit 1; }
rm -rf _CPack_Packages

it "is one file with the version in its name"
version=$(sed -n 's/^project(xmr VERSION \([0-9.]*\).*/\1/p' "$root/CMakeLists.txt")
package=xmr_${version}_$(dpkg --print-architecture).deb
expect_files "$package"
[ "$(dpkg-deb -f "$package" Version)" = "$version" ] || fail "version $(dpkg-deb -f "$package" Version)"

it "holds what make install puts into a prefix, below /usr, owned by root"
cmake --install "$build" --prefix "$PWD/plain" > /dev/null
dpkg-deb -x "$package" unpacked
expect_equal "the list of files" <(cd plain && find . ! -type d | sort) <(cd unpacked/usr && find . ! -type d | sort)
[ "$(ls unpacked)" = usr ] || fail "it also holds $(ls unpacked)"
[ -f unpacked/usr/share/zsh/vendor-completions/_xmr ] || fail "no completion where Debian's zsh looks below /usr"
dpkg-deb -c "$package" | awk '$2 != "root/root" || $1 ~ /^[^l]....w|^[^l].......w/' > odd
[ ! -s odd ] || fail "$(head -1 odd)"

it "depends on the packages of all shared libraries that it is linked with"
depends=$(dpkg-deb -f "$package" Depends)
for library in $(objdump -p unpacked/usr/bin/* unpacked/usr/lib/libxmr.so | sed -n 's/^ *NEEDED *//p' | sort -u); do
  found=
  for owner in $(dpkg -S "*/$library" 2> /dev/null | sed 's/:.*//' | sort -u); do
    for name in $owner $(dpkg-query -W -f '${Provides}' "$owner" | sed 's/([^)]*)//g; s/,//g'); do
      case ", $depends," in *", $name ("* | *", $name,"*) found=$name ;; esac
    done
  done
  [ -n "$found" ] || fail "$library is of none of: $depends"
done

# A system of this package alone: nothing it depends on is there, nor a shell, so its scripts run outside, where ldconfig
# is one that writes down that it was called.
in_folder() {
  PATH=$PWD/stub:$PATH dpkg --root="$PWD/system" --log="$PWD/log" --force-not-root --force-bad-path --force-depends \
    --force-script-chrootless "$@"
}
mkdir -p system/var/lib/dpkg/{info,updates,triggers} stub
touch system/var/lib/dpkg/{status,available}
printf '#!/bin/sh\necho called >> "%s"\n' "$PWD/ldconfig" > stub/ldconfig
chmod +x stub/ldconfig

it "is installed, runs from there, and is removed without a trace"
expect_ok in_folder -i "$package"
printf '0\telectric kettle\n1\tdesk lamp\n2\tsteam iron\n' > train.tsv
printf 'kettle\nlamp\niron\n' > labels.txt
(
  PATH=$PWD/system/usr/bin:$PATH
  [ "$(command -v xmr-train)" = "$PWD/system/usr/bin/xmr-train" ] || fail "xmr-train is $(command -v xmr-train)"
  expect_ok xmr-featurize fit -q --word 1 -o vec.npz train.tsv
  expect_ok xmr-featurize apply -q -f vec.npz --labels labels.txt -x X.npz -y Y.npz train.tsv
  expect_ok xmr-index -q -x X.npz -y Y.npz -o tree.npz
  expect_ok xmr-train -q -x X.npz -y Y.npz -t tree.npz -f vec.npz --labels labels.txt -o model.npz
  expect_ok xmr-predict -m model.npz -x X.npz -o P.npz
  expect_ok xmr-eval -y Y.npz P.npz --metrics p@1
  expect_ok xmr-inspect verify model.npz P.npz
)
expect_ok in_folder -r xmr
[ "$(wc -l < ldconfig)" = 2 ] || fail "ldconfig was called $(wc -l < ldconfig) times"
left=$(find system ! -type d ! -path 'system/var/lib/dpkg/*')
[ -z "$left" ] || fail "$left is left"
