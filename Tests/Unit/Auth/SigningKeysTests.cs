using Microsoft.Extensions.Hosting.Internal;
using Streaming.Tests.Storage;
using Streaming.WebFront.Auth;

namespace Streaming.Tests.Auth;

public sealed class SigningKeysTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Outside_Development_a_key_is_needed()
    {
        var refusal = Assert.Throws<StartupException>(() => Read(new AuthOptions(), "Production", folder.Path));

        Assert.Contains("Auth__SigningKey", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Theory]
    [InlineData("only 31 bytes are too short, so.")]
    [InlineData("base64:c2hvcnQ=")]
    [InlineData("base64:no base64")]
    public void Short_or_broken_key_is_refused_and_not_told(string key)
    {
        foreach (var options in (AuthOptions[])[new() { SigningKey = key[..^1] }, new() { SigningKey = TokenParts.Key, PreviousSigningKey = key[..^1] }])
        {
            var refusal = Assert.Throws<StartupException>(() => Read(options, "Development", folder.Path));

            Assert.Contains("Auth:", refusal.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(key[..^1], refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Base64_and_text_of_the_same_bytes_are_one_key() =>
        Assert.Equal(
            Read(new AuthOptions { SigningKey = TokenParts.Key }, "Production", folder.Path).Current.KeyId,
            Read(new AuthOptions { SigningKey = "base64:" + Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(TokenParts.Key)) }, "Production", folder.Path).Current.KeyId);

    [Fact]
    public void In_Development_a_random_key_is_kept_for_its_owner_alone()
    {
        var first = Read(new AuthOptions(), "Development", folder.Path).Current;

        Assert.Equal(first.KeyId, Read(new AuthOptions(), "Development", folder.Path).Current.KeyId);
        var file = Assert.Single(Directory.GetFiles(folder.Path));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.NotEqual(first.KeyId, Read(new AuthOptions(), "Development", Path.Combine(folder.Path, "another")).Current.KeyId);
    }

    [Fact]
    public void Broken_file_of_the_key_is_named()
    {
        var file = Path.Combine(folder.Path, "signing.key");
        File.WriteAllText(file, "c2hvcnQ=");

        var refusal = Assert.Throws<StartupException>(() => Read(new AuthOptions(), "Development", folder.Path).Current);

        Assert.Contains(file, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fronts_that_start_together_keep_one_key()
    {
        var keys = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(
            () => Read(new AuthOptions(), "Development", folder.Path).Current.KeyId, TestContext.Current.CancellationToken)));

        Assert.Single(keys.Distinct());
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    private static SigningKeys Read(AuthOptions options, string environment, string folder) =>
        SigningKeys.Read(options, new HostingEnvironment { EnvironmentName = environment }, folder);
}
