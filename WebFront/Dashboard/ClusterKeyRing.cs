using System.Collections.Immutable;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Streaming.Users;

namespace Streaming.WebFront.Dashboard;

/// <summary>
/// The fronts' keys, which all of them share, by way of the cluster: a front may have no storage of its own. The framework
/// asks at the start and once a day, and waits with a thread; so what a request waits for is <see cref="TryLoadAsync"/>.
/// </summary>
internal sealed class ClusterKeyRing(IGrainFactory grains, TimeProvider time) : IXmlRepository
{
    private const int MaxAttempts = 3;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    // As long as a request needs that has loaded them to the framework's own reading.
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(10);

    private readonly Lock gate = new();
    private Task<Elements>? loading;
    private volatile Elements? latest;

    /// <summary>Whether the keys have been read once; reads them if not. Many callers wait for one reading.</summary>
    public async ValueTask<bool> TryLoadAsync()
    {
        if (latest is not null)
            return true;

        try
        {
            await LoadAsync();
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        var elements = latest is { } known && time.GetElapsedTime(known.ReadAt) < Freshness ? known : Wait(LoadAsync);
        return [.. elements.Texts.Select(XElement.Parse)];
    }

    /// <summary>
    /// Of fronts that make a key at the same time, one writes it: the others leave theirs, and find that one when the
    /// framework reads again.
    /// </summary>
    public void StoreElement(XElement element, string friendlyName)
    {
        var text = element.ToString(SaveOptions.DisableFormatting);
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var number = (latest ?? Wait(LoadAsync)).Texts.Length + 1;
            var added = Wait(() => grains.GetGrain<IKeyRingGrain>(0).AddAsync(number, text));
            latest = null;
            if (added || element.Name.LocalName == "key")
                return;
        }

        throw new InvalidOperationException("Other fronts change the keys all the time; nothing was written.");
    }

    private Task<Elements> LoadAsync()
    {
        lock (gate)
        {
            if (loading is null or { IsCompleted: true })
                loading = ReadAsync();

            return loading;
        }
    }

    private async Task<Elements> ReadAsync()
    {
        var texts = await grains.GetGrain<IKeyRingGrain>(0).ListAsync().WaitAsync(Timeout, time);
        var elements = new Elements(texts, time.GetTimestamp());
        latest = elements;
        return elements;
    }

    // From another thread, so that no continuation can want the one that waits.
    private T Wait<T>(Func<Task<T>> call) => Task.Run(() => call().WaitAsync(Timeout, time)).GetAwaiter().GetResult();

    private sealed record Elements(ImmutableArray<string> Texts, long ReadAt);
}
