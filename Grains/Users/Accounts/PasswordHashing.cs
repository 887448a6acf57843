using System.Collections.Concurrent;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Streaming.Users;

internal enum PasswordCheck
{
    /// <summary>Too many wait; nothing was checked.</summary>
    Busy,

    Wrong,
    Right,

    /// <summary>Right, and its hash was made with weaker parameters than those of now.</summary>
    RightButOld,
}

/// <summary>
/// Hashes and checks passwords on a few threads of its own: a hash takes a processor for some hundred milliseconds, and a
/// crowd that logs in must not take those that answer everybody else. What waits is bounded in number and in time.
/// </summary>
internal sealed class PasswordHashing : IDisposable
{
    // The hasher never looks at whose password it is.
    private static readonly Account Nobody = new(Guid.Empty, "", "", AccountRole.User, default, null);

    private readonly IPasswordHasher<Account> hasher;
    private readonly PasswordMetrics metrics;
    private readonly TimeProvider time;
    private readonly TimeSpan maxWait;
    private readonly BlockingCollection<IPasswordWork> queue;
    private readonly Lazy<string> nobodysHash;
    private long hashed;
    private volatile bool stopped;

    public PasswordHashing(IPasswordHasher<Account> hasher, PasswordMetrics metrics, IOptions<AccountOptions> options, TimeProvider time)
    {
        (this.hasher, this.metrics, this.time) = (hasher, metrics, time);
        maxWait = TimeSpan.FromSeconds(options.Value.MaxPasswordWaitSeconds);
        queue = new BlockingCollection<IPasswordWork>(options.Value.MaxWaitingPasswords);
        nobodysHash = new Lazy<string>(() => hasher.HashPassword(Nobody, Secret.New()));
        metrics.Observe(() => queue.Count);
        var threads = options.Value.HashThreads ?? Math.Max(1, Environment.ProcessorCount / 2);
        for (var i = 0; i < threads; i++)
            new Thread(Run) { IsBackground = true, Name = "password hashing" }.Start();
    }

    /// <summary>Whether a password would be refused, about.</summary>
    public bool IsFull => queue.Count >= queue.BoundedCapacity;

    /// <summary>Whether a password would be hashed at once, about.</summary>
    public bool IsIdle => queue.Count == 0;

    /// <summary>Null when too many wait.</summary>
    /// <param name="cancellationToken">Cancelled when it is not waited for any more; the password is not hashed then.</param>
    public Task<string?> HashAsync(string password, CancellationToken cancellationToken) =>
        QueueAsync<string?>(() => hasher.HashPassword(Nobody, UnicodeText.Nfc(password)), refused: null, cancellationToken);

    /// <param name="hash">Without one the password is wrong, and that costs as much as with one.</param>
    /// <param name="cancellationToken">Likewise.</param>
    public Task<PasswordCheck> VerifyAsync(string? hash, string password, CancellationToken cancellationToken) =>
        QueueAsync(() => hash is null ? VerifyNobodys(password) : Verify(hash, password), refused: PasswordCheck.Busy, cancellationToken);

    public void Dispose()
    {
        stopped = true;
        queue.CompleteAdding();
    }

    /// <summary>In NFC, as keyboards differ in how they send a letter with its mark; then as it was sent, for a hash from before.</summary>
    private PasswordCheck Verify(string hash, string password)
    {
        var normal = UnicodeText.Nfc(password);
        var check = VerifyExactly(hash, normal);
        return check == PasswordCheck.Wrong && normal != password && VerifyExactly(hash, password) != PasswordCheck.Wrong
            ? PasswordCheck.RightButOld
            : check;
    }

    private PasswordCheck VerifyExactly(string hash, string password)
    {
        try
        {
            return hasher.VerifyHashedPassword(Nobody, hash, password) switch
            {
                PasswordVerificationResult.Success => PasswordCheck.Right,
                PasswordVerificationResult.SuccessRehashNeeded => PasswordCheck.RightButOld,
                _ => PasswordCheck.Wrong,
            };
        }
        catch (FormatException)
        {
            // A hash of another system, imported with its account.
            return VerifyNobodys(password);
        }
    }

    private PasswordCheck VerifyNobodys(string password)
    {
        hasher.VerifyHashedPassword(Nobody, nobodysHash.Value, password);
        return PasswordCheck.Wrong;
    }

    private Task<T> QueueAsync<T>(Func<T> hash, T refused, CancellationToken cancellationToken)
    {
        var work = new PasswordWork<T>(hash, refused, time.GetTimestamp(), Volatile.Read(ref hashed), cancellationToken);
        try
        {
            if (!queue.TryAdd(work))
                Refuse(work);
        }
        catch (InvalidOperationException)
        {
            // The silo stops.
            Refuse(work);
        }

        return work.Task;
    }

    private void Run()
    {
        // Before the first password, or the first one without a hash would take twice as long. And before the thread is patient:
        // while a silo starts, both processors are busy, and somebody waits for this.
        _ = nobodysHash.Value;
        LowPriorityThread.Begin();
        foreach (var work in queue.GetConsumingEnumerable())
        {
            var waited = time.GetElapsedTime(work.Since);
            // What waited for no other password waited for a thread to start or to get a processor: it is not that too many come.
            if (stopped || work.IsAbandoned || (waited > maxWait && work.Turn != Volatile.Read(ref hashed)))
            {
                Refuse(work);
                continue;
            }

            metrics.Began(waited);
            var began = time.GetTimestamp();
            work.Run();
            Interlocked.Increment(ref hashed);
            metrics.Ended(time.GetElapsedTime(began));
        }
    }

    private void Refuse(IPasswordWork work)
    {
        metrics.Refused();
        work.Refuse();
    }
}

/// <summary>A password that waits for <see cref="PasswordHashing"/>.</summary>
internal interface IPasswordWork
{
    /// <summary>When it began to wait.</summary>
    long Since { get; }

    /// <summary>How many passwords had been hashed then.</summary>
    long Turn { get; }

    /// <summary>It is not waited for any more.</summary>
    bool IsAbandoned { get; }

    void Run();

    void Refuse();
}

internal sealed class PasswordWork<T>(Func<T> hash, T refused, long since, long turn, CancellationToken abandoned) : IPasswordWork
{
    // What goes on when it is done must not run on the thread that hashes.
    private readonly TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Task => done.Task;

    public long Since => since;

    public long Turn => turn;

    public bool IsAbandoned => abandoned.IsCancellationRequested;

    public void Run()
    {
        try
        {
            done.SetResult(hash());
        }
        catch (Exception e)
        {
            done.SetException(e);
        }
    }

    public void Refuse() => done.SetResult(refused);
}
