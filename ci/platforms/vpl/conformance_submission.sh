# Puts what was handed in, and nothing else, into ./submission. VPL lays the files of the student
# beside those of the teacher, and names them in VPL_SUBFILE0, VPL_SUBFILE1, ….
rm -rf submission
mkdir submission
number=0
while name=VPL_SUBFILE$number && [ -n "${!name:-}" ]; do
    mkdir -p "submission/$(dirname "${!name}")"
    cp -- "${!name}" "submission/${!name}"
    number=$((number + 1))
done
