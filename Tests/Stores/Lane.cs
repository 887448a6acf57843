using Streaming.Tests;
using Xunit.v3;

// Programs that start, stores that are away and leases that end are waited for: one more thread than processors has work meanwhile.
[assembly: Parallelization(MaxThreads = 3)]
[assembly: TestCollectionOrderer(typeof(LongestFirst))]
