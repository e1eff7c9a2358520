using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Google.Protobuf;
using Grpc.Core;

namespace SidecarAgent.Agent.Connection;

/// <summary>
/// Calls whose answers hold secrets. Made here and not by the generator for one reason: an answer's bytes lie in a pooled
/// buffer that others use next, and are zeroed as soon as the message was made of them.
/// </summary>
internal static class ZeroedMethod
{
    /// <param name="service">With its package, as in the proto file.</param>
    public static Method<TRequest, TResponse> Make<TRequest, TResponse>(
        string service, string name, MessageParser<TResponse> parser, MethodType type = MethodType.Unary)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> => new(
            type,
            service,
            name,
            new Marshaller<TRequest>(Write, static _ => throw new NotSupportedException("requests are not read here")),
            new Marshaller<TResponse>(Write, context => Read(context, parser)));

    private static void Write(IMessage message, SerializationContext context)
    {
        context.SetPayloadLength(message.CalculateSize());
        message.WriteTo(context.GetBufferWriter());
        context.Complete();
    }

    private static T Read<T>(DeserializationContext context, MessageParser<T> parser)
        where T : IMessage<T>
    {
        var bytes = context.PayloadAsReadOnlySequence();
        try
        {
            return parser.ParseFrom(bytes);
        }
        finally
        {
            foreach (var segment in bytes)
                CryptographicOperations.ZeroMemory(MemoryMarshal.AsMemory(segment).Span);
        }
    }
}
