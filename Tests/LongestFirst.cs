using Streaming.Tests;
using Streaming.Tests.Storage;
using Xunit.Sdk;
using Xunit.v3;

// Programs that start, stores that are away and leases that end are waited for: one more thread than processors has work meanwhile.
[assembly: Parallelization(MaxThreads = 3)]
[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace Streaming.Tests;

/// <summary>The collection that takes longest begins first: everything else runs beside it.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderByDescending(collection => collection.TestCollectionDisplayName == ServersTests.Name)];
}
