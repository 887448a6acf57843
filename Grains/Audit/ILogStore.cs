namespace Streaming.Audit;

/// <summary>The audit log.</summary>
public interface ILogStore
{
    /// <summary>
    /// Adds entries in one transaction; those that are there already, by id, change nothing. Accounts that were removed within
    /// <see cref="Users.AccountOptions.BlockLifetime"/> are named by none of them, atomically against removals: an entry may have
    /// waited for long.
    /// </summary>
    Task AddAsync(IReadOnlyList<LogEntry> entries, CancellationToken cancellationToken);

    /// <summary>Newest first, ties by id, those before <paramref name="before"/>.</summary>
    Task<LogPage> ListAsync(LogFilter filter, PageCursor? before, int limit, CancellationToken cancellationToken);

    /// <summary>The same by number of entries left out.</summary>
    Task<CountedLogs> ListFromAsync(LogFilter filter, int skip, int limit, CancellationToken cancellationToken);

    /// <summary>Takes a user's name out of their entries and of those about them, which stay: no id, and no description that a client wrote.</summary>
    Task AnonymiseAsync(Guid userId, CancellationToken cancellationToken);

    /// <summary>Removes entries from before <paramref name="before"/>, a bounded number; returns how many.</summary>
    Task<int> ForgetAsync(DateTimeOffset before, CancellationToken cancellationToken);
}
