namespace Streaming.Users;

/// <summary>The latest change of each account and session and the keys, numbered in the order in which they were read.</summary>
internal sealed class RevocationLog
{
    public const int MaxEntries = 10_000;

    // Revoked keys are remembered for those who still take them for good.
    private const int MaxRevokedKeys = 1_000;

    // In ascending order of numbers. One that was followed by another of the same subject stays until its turn to be forgotten.
    private readonly List<(long Number, AccessChange Change)> changes = [];
    // Accounts that were blocked so long ago that of the others nothing from then is left; all have lower numbers.
    private readonly List<(long Number, AccessChange Change)> blocks = [];
    private readonly Dictionary<(AccessSubject, Guid), (long Number, AccessChange Change)> latest = [];
    private readonly Dictionary<Guid, (long Number, ApiKeyAccess Key)> keys = [];
    private Guid id = Guid.NewGuid();
    private long number;
    private long forgotten;

    public void Add(AccessChange change)
    {
        var key = (change.Subject, change.Id);
        if (latest.TryGetValue(key, out var known) && known.Change == change)
            return;

        latest[key] = (++number, change);
        changes.Add((number, change));
    }

    /// <param name="good">All that are good; others that were so are so no longer.</param>
    public void SetKeys(IReadOnlyList<StoredApiKey> good)
    {
        foreach (var stored in good)
        {
            if (!keys.ContainsKey(stored.Key.KeyId))
                keys[stored.Key.KeyId] = (++number, new ApiKeyAccess(stored.Key.KeyId, stored.Hash, false));
        }

        var listed = good.Select(stored => stored.Key.KeyId).ToHashSet();
        foreach (var (keyId, (_, key)) in keys.ToList())
        {
            if (!key.IsRevoked && !listed.Contains(keyId))
                keys[keyId] = (++number, key with { IsRevoked = true });
        }

        if (keys.Count - listed.Count > MaxRevokedKeys)
        {
            foreach (var (keyId, (_, key)) in keys)
            {
                if (key.IsRevoked)
                    keys.Remove(keyId);
            }

            // Whoever asks next gets all anew, and the forgotten keys are not among it.
            id = Guid.NewGuid();
        }
    }

    /// <summary>
    /// Forgets changes from before <paramref name="before"/>, in the order of their numbers: one that a later reader must be told of
    /// holds up the rest. That an account is blocked is forgotten from before <paramref name="blockedBefore"/>.
    /// </summary>
    public void Forget(DateTimeOffset before, DateTimeOffset blockedBefore)
    {
        var count = 0;
        foreach (var entry in changes)
        {
            if (IsLatest(entry) && entry.Change.ChangedAt >= before)
                break;

            if (IsLatest(entry) && entry.Change is { Subject: AccessSubject.Account, IsBlocked: true } && entry.Change.ChangedAt >= blockedBefore)
                blocks.Add(entry);
            else
                Forget(entry);

            count++;
        }

        changes.RemoveRange(0, count);
        blocks.RemoveAll(entry =>
        {
            if (IsLatest(entry) && entry.Change.ChangedAt >= blockedBefore)
                return false;

            Forget(entry);
            return true;
        });
    }

    /// <summary>What came after <paramref name="after"/>; everything for a reader who may have missed what is forgotten.</summary>
    public AccessUpdate Since(AccessVersion? after)
    {
        var isWhole = after is null || after.Activation != id || after.Number < forgotten;
        var from = isWhole ? 0 : after!.Number;
        var (newChanges, newKeys) = (ChangesAfter(from), keys.Values.Where(k => k.Number > from && !(isWhole && k.Key.IsRevoked)).ToList());
        var last = number;
        var hasMore = newChanges.Count + newKeys.Count > MaxEntries;
        if (hasMore)
        {
            last = newChanges.Select(c => c.Number).Concat(newKeys.Select(k => k.Number)).Order().ElementAt(MaxEntries - 1);
            newChanges.RemoveAll(c => c.Number > last);
            newKeys.RemoveAll(k => k.Number > last);
        }

        return new AccessUpdate(
            new AccessVersion(id, last), isWhole, hasMore, [.. newChanges.Select(c => c.Change)], [.. newKeys.Select(k => k.Key)]);
    }

    private bool IsLatest((long Number, AccessChange Change) entry) =>
        latest.TryGetValue((entry.Change.Subject, entry.Change.Id), out var last) && last.Number == entry.Number;

    private void Forget((long Number, AccessChange Change) entry)
    {
        if (IsLatest(entry))
            latest.Remove((entry.Change.Subject, entry.Change.Id));

        forgotten = Math.Max(forgotten, entry.Number);
    }

    /// <summary>At most one more than an answer may have.</summary>
    private List<(long Number, AccessChange Change)> ChangesAfter(long from)
    {
        var found = new List<(long, AccessChange)>();
        Collect(blocks, from, found);
        Collect(changes, from, found);
        return found;
    }

    private void Collect(List<(long Number, AccessChange Change)> entries, long from, List<(long, AccessChange)> found)
    {
        var (low, high) = (0, entries.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (entries[middle].Number > from)
                high = middle;
            else
                low = middle + 1;
        }

        for (var i = low; i < entries.Count && found.Count <= MaxEntries; i++)
        {
            if (IsLatest(entries[i]))
                found.Add(entries[i]);
        }
    }
}
