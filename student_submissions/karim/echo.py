async def talk(reader, writer):
    """One client, from hello to bye."""
    try:
        while line := await reader.readline():
            text = line.decode().rstrip("\r\n")
            writer.write(f"> {text.upper()}\n".encode())
            await writer.drain()
            if text.upper() == "BYE":
                break
    except ConnectionError:
        pass
    finally:
        writer.close()
