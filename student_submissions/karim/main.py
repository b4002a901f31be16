import asyncio

from echo import talk

HOST = "0.0.0.0"
PORT = 2324


async def main():
    server = await asyncio.start_server(talk, HOST, PORT)
    async with server:
        await server.serve_forever()


asyncio.run(main())
