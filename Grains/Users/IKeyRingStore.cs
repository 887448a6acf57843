namespace Streaming.Users;

/// <summary>Elements of the fronts' key ring: see <see cref="IKeyRingGrain"/>. None is ever changed or removed.</summary>
public interface IKeyRingStore
{
    /// <summary>By number.</summary>
    Task<IReadOnlyList<string>> ListAsync(int limit, CancellationToken cancellationToken);

    /// <summary>False when the number is taken; of concurrent calls with one number, one wins.</summary>
    Task<bool> AddAsync(int number, string element, CancellationToken cancellationToken);
}
