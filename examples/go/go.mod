module example/votes

go 1.19

require github.com/VoltDB/voltdb-client-go v1.0.0

require github.com/spaolacci/murmur3 v1.1.0 // indirect
