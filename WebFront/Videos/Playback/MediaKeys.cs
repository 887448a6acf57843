using System.Security.Cryptography;
using Streaming.WebFront.Auth;

namespace Streaming.WebFront.Videos;

/// <summary>The keys of media URLs: one signs, and one before it may still be good.</summary>
internal sealed class MediaKeys : IHostedService
{
    private const string FileName = "media.key";

    private readonly Lazy<MediaKey> current;
    private readonly MediaKey? previous;

    private MediaKeys(SecretKeys keys)
    {
        current = new(() => new MediaKey(keys.Current));
        previous = keys.Previous is null ? null : new MediaKey(keys.Previous);
    }

    /// <exception cref="StartupException">The file of the key that is kept cannot be read or made.</exception>
    public MediaKey Current => current.Value;

    /// <param name="folder">Where a random key of Development is kept, from the first use on, for all fronts of it.</param>
    /// <exception cref="StartupException">A key is missing or too short.</exception>
    public static MediaKeys Read(MediaUrlOptions options, IHostEnvironment environment, string folder) => new(SecretKeys.Read(
        MediaUrlOptions.Section, "URLs of media", options.SigningKey, options.PreviousSigningKey, environment, Path.Combine(folder, FileName)));

    /// <summary>Null for a key that is not good, or no longer.</summary>
    public MediaKey? Find(ReadOnlySpan<char> id) =>
        id.SequenceEqual(Current.Id) ? Current
        : previous is not null && id.SequenceEqual(previous.Id) ? previous
        : null;

    /// <summary>A key that cannot be kept is told at the start, not to the first who plays something.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = Current;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

internal sealed class MediaKey
{
    private readonly byte[] secret;

    // A key of its own is made from the configured one, so that one that was set for tokens too signs nothing that another accepts.
    public MediaKey(byte[] configured)
    {
        secret = HMACSHA256.HashData(configured, "media URLs"u8);
        Id = Convert.ToHexStringLower(HMACSHA256.HashData(secret, "kid"u8).AsSpan(0, 4));
    }

    /// <summary>A short hash, by which a URL tells which key it is of.</summary>
    public string Id { get; }

    /// <summary>32 bytes.</summary>
    public void Sign(ReadOnlySpan<byte> message, Span<byte> mac) => HMACSHA256.HashData(secret, message, mac);
}
