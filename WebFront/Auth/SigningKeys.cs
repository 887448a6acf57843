using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace Streaming.WebFront.Auth;

/// <summary>The keys of access tokens: one signs, and one before it may still be good.</summary>
internal sealed class SigningKeys
{
    private const int MinBytes = 32;
    private const string Base64 = "base64:";
    private const string FileName = "signing.key";

    private readonly Lazy<SymmetricSecurityKey> current;

    private SigningKeys(Func<byte[]> current, byte[]? previous)
    {
        this.current = new(() => ToKey(current()));
        Previous = previous is null ? null : ToKey(previous);
    }

    /// <exception cref="StartupException">The file of the key that is kept cannot be read or made.</exception>
    public SymmetricSecurityKey Current => current.Value;

    public SymmetricSecurityKey? Previous { get; }

    /// <param name="folder">Where a random key of Development is kept, from the first use on, for all fronts of it.</param>
    /// <exception cref="StartupException">A key is missing or too short.</exception>
    public static SigningKeys Read(AuthOptions options, IHostEnvironment environment, string folder)
    {
        var previous = options.PreviousSigningKey is { Length: > 0 } before ? Parse(nameof(options.PreviousSigningKey), before) : null;
        if (options.SigningKey is { Length: > 0 } text)
        {
            var key = Parse(nameof(options.SigningKey), text);
            return new SigningKeys(() => key, previous);
        }

        if (!environment.IsDevelopment())
            throw new StartupException($"Auth:SigningKey is missing, and tokens cannot be signed without it in {environment.EnvironmentName}. Set Auth__SigningKey to at least {MinBytes} random bytes, such as base64:$(openssl rand -base64 48).");

        return new SigningKeys(() => Keep(Path.Combine(folder, FileName)), previous);
    }

    private static byte[] Parse(string name, string text)
    {
        byte[] bytes;
        try
        {
            bytes = text.StartsWith(Base64, StringComparison.Ordinal) ? Convert.FromBase64String(text[Base64.Length..]) : Encoding.UTF8.GetBytes(text);
        }
        catch (FormatException e)
        {
            throw new StartupException($"Auth:{name} begins with {Base64} and is no base64 after it.", e);
        }

        return bytes.Length >= MinBytes ? bytes
            : throw new StartupException($"Auth:{name} has {bytes.Length} bytes, and needs at least {MinBytes}: anybody could guess a shorter one.");
    }

    private static byte[] Keep(string path)
    {
        try
        {
            if (!File.Exists(path))
                Write(path, RandomNumberGenerator.GetBytes(MinBytes));

            var key = Convert.FromBase64String(File.ReadAllText(path).Trim());
            return key.Length == MinBytes ? key : throw new FormatException("It has another length");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new StartupException($"The signing key {path} cannot be used ({e.Message.TrimEnd('.')}). Remove it to get another one, or set Auth__SigningKey.", e);
        }
    }

    private static void Write(string path, byte[] key)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        // Moved into place, so that a process that dies here leaves no half of a key, and of several the first one's holds.
        var draft = $"{path}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        using (var writer = new StreamWriter(draft, options))
            writer.WriteLine(Convert.ToBase64String(key));

        try
        {
            File.Move(draft, path);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(draft);
        }
    }

    /// <summary>Named by a short hash, by which a token tells which key it is of.</summary>
    private static SymmetricSecurityKey ToKey(byte[] key) => new(key)
    {
        KeyId = Convert.ToHexStringLower(HMACSHA256.HashData(key, "kid"u8).AsSpan(0, 8)),
    };
}
