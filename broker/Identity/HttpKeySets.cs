using System.Security.Cryptography;
using System.Text.Json;
using SidecarAgent.Broker.Configuration;

namespace SidecarAgent.Broker.Identity;

/// <summary>
/// Fetches key sets over HTTPS, directly or by OpenID Connect Discovery 1.0. Each fetch is a connection of its own, so
/// that a changed CA file or token counts at once.
/// </summary>
internal sealed class HttpKeySets(IssuerOptions issuer, TimeProvider clock)
{
    private const int MaxBytes = 1024 * 1024;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <exception cref="KeysUnavailableException">The answer was late, too large, or not the one expected.</exception>
    public Task<string> ReadAsync(Uri address, CancellationToken cancellationToken) =>
        LimitAsync((client, cancellation) => GetAsync(client, address, cancellation), cancellationToken);

    /// <summary>Asks the issuer where its keys are, and fetches them.</summary>
    /// <exception cref="KeysUnavailableException">The answer was late, too large, or not the one expected.</exception>
    public Task<string> DiscoverAsync(CancellationToken cancellationToken) =>
        LimitAsync(
            async (client, cancellation) =>
            {
                var document = new Uri($"{issuer.Issuer.TrimEnd('/')}/.well-known/openid-configuration");
                var keys = KeysAddress(document, await GetAsync(client, document, cancellation));
                return await GetAsync(client, keys, cancellation);
            },
            cancellationToken);

    private async Task<string> LimitAsync(
        Func<HttpClient, CancellationToken, Task<string>> fetch,
        CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            using var client = IssuerConnection.Open(issuer, MaxBytes);
            return await fetch(client, either.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new KeysUnavailableException($"{issuer.Issuer} did not answer within {Timeout.TotalSeconds:0} s", e);
        }
        catch (HttpRequestException e)
        {
            throw new KeysUnavailableException(ForeignText.Clean((e.InnerException ?? e).Message), e);
        }
        catch (InvalidOperationException e)
        {
            // A charset that nobody knows, which is found out only when the answer is read as text.
            throw new KeysUnavailableException(
                $"the answer of {issuer.Issuer} is not text: {ForeignText.Clean((e.InnerException ?? e).Message)}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new KeysUnavailableException($"the files of the issuer cannot be read: {ForeignText.Clean(e.Message)}", e);
        }
    }

    private static async Task<string> GetAsync(HttpClient client, Uri address, CancellationToken cancellationToken)
    {
        using var response = await client.GetAsync(address, cancellationToken);
        return response.IsSuccessStatusCode
            ? await response.Content.ReadAsStringAsync(cancellationToken)
            : throw new KeysUnavailableException(
                $"{ForeignText.Clean(address.AbsoluteUri)} answered {(int)response.StatusCode}");
    }

    /// <summary>The document must speak for the issuer that was asked (OpenID Connect Discovery 1.0, section 4.3).</summary>
    private Uri KeysAddress(Uri document, string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text, Strict);
            var named = json.RootElement.GetProperty("issuer").GetString();
            if (named != issuer.Issuer)
                throw new KeysUnavailableException(
                    $"{document} speaks for the issuer '{ForeignText.Clean(named ?? "")}', expected '{issuer.Issuer}'");
            var address = json.RootElement.GetProperty("jwks_uri").GetString();
            return Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps
                ? uri
                : throw new KeysUnavailableException($"the 'jwks_uri' in {document} is not an https address");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new KeysUnavailableException(
                $"{document} is not an OpenID Connect configuration; expected JSON with 'issuer' and 'jwks_uri'", e);
        }
    }
}
