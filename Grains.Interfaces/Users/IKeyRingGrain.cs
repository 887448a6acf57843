using System.Collections.Immutable;

namespace Streaming.Users;

/// <summary>
/// The keys with which fronts protect their cookies, as the fronts encrypted them. A stateless worker; its key is always 0.
/// </summary>
[Alias("key-ring")]
public interface IKeyRingGrain : IGrainWithIntegerKey
{
    /// <summary>An element is no longer than this, in characters.</summary>
    const int MaxLength = 16 * 1024;

    /// <summary>All elements, by number from 1 on.</summary>
    [Alias("list")]
    Task<ImmutableArray<string>> ListAsync();

    /// <summary>Adds an element as the one of this number; false when there is one with it.</summary>
    [Alias("add")]
    Task<bool> AddAsync(int number, string element);
}
