# A small match case: five sightings of three people on two cameras, every pair of them compared; or
# two tracks. Golden tests write it into the current folder, break one thing, and look at what onus says.
. "$GOLDEN/common/small.sh"

match_case() {
    cat >case.yaml <<'END'
onus: 1
title: Five sightings of three people
kind: match
sightings: {file: sightings.csv, id: id, person: person, camera: camera, groups: {age: age}}
comparisons: {file: comparisons.csv, score: score, higher_is: same, probe: probe, reference: reference}
protocol: {thresholds: [0.5]}
END
    cat >sightings.csv <<'END'
id,person,camera,age
s1,p1,gate,old
s2,p1,yard,old
s3,p2,gate,young
s4,p2,yard,young
s5,p3,gate,young
END
    cat >comparisons.csv <<'END'
probe,reference,score
s1,s2,0.91
s1,s3,0.12
s1,s4,0.20
s1,s5,
s2,s3,0.31
s2,s4,0.15
s2,s5,NaN
s3,s4,0.77
s3,s5,0.42
s4,s5,0.05
END
}

track_case() {
    cat >case.yaml <<'END'
onus: 1
title: Two people, one track
kind: match
tracks: {format: mot, truth: {file: gt.txt}, output: {file: out.txt}}
END
    printf '1,1,10,10,20,40,1,1,1\n2,1,12,10,20,40,1,1,1\n2,2,90,10,20,40,1,1,1\n' >gt.txt
    printf '1,7,11,10,20,40,-1,-1,-1,-1\n2,7,13,10,20,40,-1,-1,-1,-1\n' >out.txt
}
