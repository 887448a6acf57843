using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Streaming.Media;

/// <summary>Section <c>Cloudinary</c>, for fronts and silos alike, where <c>Media:Store</c> says so. The secret comes from the environment and is never logged.</summary>
public sealed class CloudinaryOptions
{
    public const string Section = "Cloudinary";

    /// <summary>The account's cloud, by its name alone.</summary>
    public string? CloudName { get; set; }

    /// <summary>From its console.</summary>
    public string? ApiKey { get; set; }

    /// <summary>From its console.</summary>
    public string? ApiSecret { get; set; }

    /// <summary>Where its upload API is, without version and cloud.</summary>
    public Uri ApiUrl { get; set; } = new("https://api.cloudinary.com");

    /// <summary>Where clients get media, without the cloud.</summary>
    public Uri DeliveryUrl { get; set; } = new("https://res.cloudinary.com");

    /// <summary>Seconds that one request to it may take, with 20 MB of a video in it. Two more attempts are made.</summary>
    [Range(1, 600)]
    public int RequestSeconds { get; set; } = 120;
}

/// <summary>Says what is missing in one line.</summary>
public sealed class CloudinaryValidation : IValidateOptions<CloudinaryOptions>
{
    public ValidateOptionsResult Validate(string? name, CloudinaryOptions options)
    {
        (string Setting, string? Value)[] needed =
            [("CloudName", options.CloudName), ("ApiKey", options.ApiKey), ("ApiSecret", options.ApiSecret)];
        var missing = needed.Where(setting => string.IsNullOrWhiteSpace(setting.Value)).Select(setting => $"Cloudinary__{setting.Setting}").ToList();
        if (missing.Count > 0)
            return ValidateOptionsResult.Fail($"Media:Store is Cloudinary, and {string.Join(", ", missing)} is not set. Cloudinary's console shows the values under API keys.");

        if (!options.CloudName!.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'))
            return ValidateOptionsResult.Fail("Cloudinary:CloudName has characters that no cloud's name has: it is the name alone, without a URL.");

        foreach (var url in new Uri?[] { options.ApiUrl, options.DeliveryUrl })
        {
            // What is sent there is signed, and neither a signed request nor a private video belongs on a wire that others read.
            if (url is not { IsAbsoluteUri: true } || !(url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback)))
                return ValidateOptionsResult.Fail("Cloudinary:ApiUrl and Cloudinary:DeliveryUrl must begin with https://.");
        }

        return ValidateOptionsResult.Success;
    }
}
