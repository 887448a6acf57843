using Streaming.Tests.Storage;
using Xunit.Sdk;
using Xunit.v3;

namespace Streaming.Tests;

/// <summary>The collection that takes longest begins first: everything else runs beside it.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderByDescending(collection => collection.TestCollectionDisplayName == ServersTests.Name)];
}
