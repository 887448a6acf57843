using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace Streaming.WebFront.Auth;

/// <summary>The keys of access tokens: one signs, and one before it may still be good.</summary>
internal sealed class SigningKeys
{
    private const string FileName = "signing.key";

    private readonly Lazy<SymmetricSecurityKey> current;

    private SigningKeys(SecretKeys keys)
    {
        current = new(() => ToKey(keys.Current));
        Previous = keys.Previous is null ? null : ToKey(keys.Previous);
    }

    /// <exception cref="StartupException">The file of the key that is kept cannot be read or made.</exception>
    public SymmetricSecurityKey Current => current.Value;

    public SymmetricSecurityKey? Previous { get; }

    /// <param name="folder">Where a random key of Development is kept, from the first use on, for all fronts of it.</param>
    /// <exception cref="StartupException">A key is missing or too short.</exception>
    public static SigningKeys Read(AuthOptions options, IHostEnvironment environment, string folder) => new(SecretKeys.Read(
        AuthOptions.Section, "tokens", options.SigningKey, options.PreviousSigningKey, environment, Path.Combine(folder, FileName)));

    /// <summary>Named by a short hash, by which a token tells which key it is of.</summary>
    private static SymmetricSecurityKey ToKey(byte[] key) => new(key)
    {
        KeyId = Convert.ToHexStringLower(HMACSHA256.HashData(key, "kid"u8).AsSpan(0, 8)),
    };
}
