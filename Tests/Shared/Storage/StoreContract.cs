namespace Streaming.Tests.Storage;

/// <summary>What the contract suites share: a fixture a test, and sample rows from a fixed random seed.</summary>
public abstract class StoreContract(StoreFixture fixture) : IAsyncLifetime
{
    protected StoreFixture Fixture => fixture;

    protected Samples Samples { get; } = new();

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await fixture.OpenAsync();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await fixture.DisposeAsync();
    }

    protected async Task<Guid> AddTitleAsync(string name = "A title")
    {
        var id = Samples.Id();
        await fixture.AddTitleAsync(Samples.Title(id, name));
        return id;
    }

    protected async Task<Guid> AddUserAsync(string name = "somebody")
    {
        var id = Samples.Id();
        await fixture.AddUserAsync(id, name);
        return id;
    }

    protected async Task<Guid[]> AddTitlesAsync(int count)
    {
        var ids = new Guid[count];
        for (var i = 0; i < count; i++)
            ids[i] = await AddTitleAsync($"Title {i}");

        return ids;
    }

    /// <summary>The order of ids everywhere: that of their text.</summary>
    protected static Guid[] Ascending(IEnumerable<Guid> ids) => [.. ids.OrderBy(id => id.ToString(), StringComparer.Ordinal)];
}
