using System.Security.Cryptography;
using System.Text;

namespace Streaming.WebFront.Auth;

/// <summary>Two secrets as a section configures them: <c>SigningKey</c>, and <c>PreviousSigningKey</c>, which may still be good.</summary>
internal sealed class SecretKeys
{
    private const int MinBytes = 32;
    private const string Base64 = "base64:";
    private const string CurrentName = "SigningKey";
    private const string PreviousName = "PreviousSigningKey";

    private readonly Lazy<byte[]> current;

    private SecretKeys(Func<byte[]> current, byte[]? previous) => (this.current, Previous) = (new(current), previous);

    /// <exception cref="StartupException">The file of the key that is kept cannot be read or made.</exception>
    public byte[] Current => current.Value;

    public byte[]? Previous { get; }

    /// <param name="signed">What they sign, as the operator calls it.</param>
    /// <param name="file">Where a random key of Development is kept, from the first use on, for all fronts of its folder.</param>
    /// <exception cref="StartupException">A key is missing or too short.</exception>
    public static SecretKeys Read(string section, string signed, string? signingKey, string? previousKey, IHostEnvironment environment, string file)
    {
        var previous = previousKey is { Length: > 0 } before ? Parse($"{section}:{PreviousName}", before) : null;
        if (signingKey is { Length: > 0 } text)
        {
            var key = Parse($"{section}:{CurrentName}", text);
            return new SecretKeys(() => key, previous);
        }

        if (!environment.IsDevelopment())
            throw new StartupException($"{section}:{CurrentName} is missing, and {signed} cannot be signed without it in {environment.EnvironmentName}. Set {section}__{CurrentName} to at least {MinBytes} random bytes, such as base64:$(openssl rand -base64 48).");

        return new SecretKeys(() => Keep(file, $"{section}__{CurrentName}"), previous);
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
            throw new StartupException($"{name} begins with {Base64} and is no base64 after it.", e);
        }

        return bytes.Length >= MinBytes ? bytes
            : throw new StartupException($"{name} has {bytes.Length} bytes, and needs at least {MinBytes}: anybody could guess a shorter one.");
    }

    private static byte[] Keep(string path, string variable)
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
            throw new StartupException($"The signing key {path} cannot be used ({e.Message.TrimEnd('.')}). Remove it to get another one, or set {variable}.", e);
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
}
