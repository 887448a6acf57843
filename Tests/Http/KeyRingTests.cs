using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Streaming.Users;
using Streaming.WebFront.Auth;
using Streaming.WebFront.Dashboard;

namespace Streaming.Tests.Http;

/// <summary>The keys that fronts share to protect their cookies.</summary>
public sealed class KeyRingTests(DashboardApplication application) : IClassFixture<DashboardApplication>
{
    private static readonly XElement Secret = new("key", new XElement("masterKey", "very secret"));

    [Fact]
    public async Task Fronts_that_make_a_key_at_once_agree_on_one()
    {
        var (first, second) = (new ClusterKeyRing(application.Grains, TimeProvider.System), new ClusterKeyRing(application.Grains, TimeProvider.System));
        var before = first.GetAllElements().Count;
        Assert.Equal(before, second.GetAllElements().Count);

        first.StoreElement(new XElement("key", "first"), "first");
        second.StoreElement(new XElement("key", "second"), "second");

        Assert.Equal(before + 1, second.GetAllElements().Count);
        Assert.Equal("first", second.GetAllElements().Last().Value);
        // What is no key must not get lost.
        first.GetAllElements();
        second.StoreElement(new XElement("key", "third"), "third");
        first.StoreElement(new XElement("revocation", "fourth"), "fourth");
        Assert.Equal(["first", "third", "fourth"], first.GetAllElements().Skip(before).Select(element => element.Value));
        Assert.True(await first.TryLoadAsync());
    }

    [Fact]
    public async Task Store_has_no_key_in_the_clear()
    {
        _ = application.Api;
        _ = application.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test").Protect("something");

        var elements = await application.Grains.GetGrain<IKeyRingGrain>(0).ListAsync();

        var key = XElement.Parse(elements[0]);
        Assert.NotNull(key.Descendants().FirstOrDefault(element => element.Name.LocalName == "encryptedKey"));
        Assert.DoesNotContain("masterKey", key.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Key_is_read_by_the_signing_key_that_wrote_it_and_as_the_one_before()
    {
        var written = new KeyElementEncryptor(Keys("the first signing key, long enough")).Encrypt(Secret);

        Assert.Equal(typeof(KeyElementDecryptor), written.DecryptorType);
        Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes("very secret")), written.EncryptedElement.Value, StringComparison.Ordinal);
        Assert.Equal("very secret", Read(written.EncryptedElement, Keys("the first signing key, long enough")));
        Assert.Equal("very secret", Read(written.EncryptedElement, Keys("the second signing key, long enough", "the first signing key, long enough")));
        Assert.ThrowsAny<CryptographicException>(() => Read(written.EncryptedElement, Keys("the second signing key, long enough")));
    }

    [Fact]
    public void Key_that_was_changed_is_not_read()
    {
        var keys = Keys("the first signing key, long enough");
        var written = new KeyElementEncryptor(keys).Encrypt(Secret).EncryptedElement;
        var bytes = Convert.FromBase64String(written.Value);
        bytes[20] ^= 1;

        Assert.ThrowsAny<CryptographicException>(() => Read(new XElement(written.Name, Convert.ToBase64String(bytes)), keys));
        Assert.ThrowsAny<CryptographicException>(() => Read(new XElement(written.Name, Convert.ToBase64String(bytes.AsSpan(0, 10))), keys));
    }

    private static string Read(XElement element, SigningKeys keys)
    {
        using var services = new ServiceCollection().AddSingleton(keys).BuildServiceProvider();
        return new KeyElementDecryptor(services).Decrypt(element).Value;
    }

    private static SigningKeys Keys(string current, string? previous = null) => SigningKeys.Read(
        new AuthOptions { SigningKey = current, PreviousSigningKey = previous },
        new HostingEnvironment { EnvironmentName = Environments.Production },
        folder: "");
}
