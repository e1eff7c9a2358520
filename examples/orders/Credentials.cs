using System.Text.Json.Serialization;

namespace SidecarAgent.Examples.Orders;

internal sealed record Credentials(string Username, string Password)
{
    /// <summary>Without the password, which a record would print.</summary>
    public override string ToString() => $"{Username}, ***";
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Credentials))]
internal sealed partial class OrdersJson : JsonSerializerContext;
