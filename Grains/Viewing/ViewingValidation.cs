using System.Globalization;
using Microsoft.Extensions.Options;

namespace Streaming.Viewing;

/// <summary>What holds between settings of section <c>Viewing</c>.</summary>
public sealed class ViewingValidation : IValidateOptions<ViewingOptions>
{
    public ValidateOptionsResult Validate(string? name, ViewingOptions options) => options.ForgetBefore > options.WatchedAfter
        ? ValidateOptionsResult.Fail(string.Create(
            CultureInfo.InvariantCulture,
            $"{ViewingOptions.Section}:{nameof(options.ForgetBefore)} ({options.ForgetBefore}) must not be more than {ViewingOptions.Section}:{nameof(options.WatchedAfter)} ({options.WatchedAfter}). Correct one of them."))
        : ValidateOptionsResult.Success;
}
